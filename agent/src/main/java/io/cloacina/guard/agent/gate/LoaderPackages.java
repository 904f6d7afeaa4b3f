// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The packages of class loaders that open files themselves. The guard cannot know what such a loader reads from a file,
 * so it compares what the loader defines: the package that a class claims is verified once for each loader, and the
 * bytes must be those of an entry of the package.
 */
final class LoaderPackages {

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final ContainedClasses contained;
    private final ReadClasses readClasses;
    private final WeakIdentityMap<Packages> byLoader = new WeakIdentityMap<>() {
        @Override
        void whenCollected(Packages packages) {
            close(packages.byFile);
        }
    };
    private final ApplicationClasses application;

    LoaderPackages(
            Environment environment,
            SnapshotStore snapshots,
            Decisions decisions,
            ProbeLoads probes,
            ContainedClasses contained,
            ReadClasses readClasses) {
        this.readClasses = readClasses;
        this.contained = contained;
        this.application = new ApplicationClasses(environment);
        this.environment = environment;
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.probes = probes;
    }

    /** The packages of one loader. */
    private static final class Packages {
        private final Map<String, LoaderPackage> byFile = new ConcurrentHashMap<>();
        private volatile @Nullable Known known;
    }

    /**
     * What a loader's last class came from. The package was admitted for that loader, so that a class which is in there
     * may be defined whatever becomes of the origin; anything else has the origin looked at again.
     */
    private record Known(WeakReference<URL> location, LoaderPackage found) {}

    private void close(Map<String, LoaderPackage> packages) {
        for (LoaderPackage one : packages.values()) {
            synchronized (one) {
                one.release(snapshots);
            }
        }
    }

    /** {@code loader} opened {@code snapshot} through its class path: the package is decided and recorded already. */
    void opened(ClassLoader loader, Snapshot snapshot) {
        LoaderPackage one = find(loader, snapshot.original());
        synchronized (one) {
            one.release(snapshots);
            one.ownSnapshot = false;
            one.snapshot = snapshot;
            one.admitted = true;
        }
    }

    private LoaderPackage find(@Nullable ClassLoader loader, String file) {
        // No lambdas on the path of a first load, where each would have to be linked.
        Packages packages = byLoader.get(loader);
        if (packages == null) {
            packages = byLoader.getOrPut(loader, new Packages());
        }
        LoaderPackage one = packages.byFile.get(file);
        if (one == null) {
            LoaderPackage fresh = new LoaderPackage();
            one = packages.byFile.putIfAbsent(file, fresh);
            one = one == null ? fresh : one;
        }
        return one;
    }

    /**
     * Decides on one class.
     *
     * @param bytes a private copy of the bytes
     * @param read whether the class was read from its origin: then it must be there, and is not a generated one
     * @return {@code bytes} if those were compared and must be defined; null if the loader's own may be
     * @throws PackageRefusedException if it must not be defined
     */
    byte @Nullable [] check(
            @Nullable ClassLoader loader, String className, byte[] bytes, URL location, Hook hook, boolean read) {
        if (isKnown(loader, className, bytes, location)) {
            return bytes;
        }
        Origin origin = Origin.of(location);
        boolean mustBeThere = read || ReadClasses.isOfModule(loader, hook);
        String description = Loaders.describe(loader);
        if (origin.file() == null) {
            switch (contained.check(loader, className, bytes, origin.url(), hook, mustBeThere)) {
                case COVERED -> {
                    return bytes;
                }
                case ALLOWED -> {
                    return null;
                }
                case UNKNOWN -> {}
            }
            // Nothing to compare with: the class itself is the package.
            Load load = Load.ofUrl(Load.Kind.CLASS, null, origin.url(), hook.label(), description);
            if (!mustBeThere && origin.isMadeUp()) {
                decisions.demandDynamicCode(load, className);
                return null;
            }
            decisions.demandBytes(load, bytes);
            return bytes;
        }
        Path file = origin.file().toPath().toAbsolutePath();
        if (probes.concerns(file.toString())) {
            throw probes.refuse(hook.label(), file.toString());
        }
        Load classLoad = new Load(Load.Kind.CLASS, null, null, file.toString(), hook.label(), description);
        if (environment.isApplicationFile(file.toString())
                || environment.agents().isNamed(file)) {
            PackageContents.Match match = application.match(file, className, bytes);
            if (match == PackageContents.Match.EQUAL && environment.isNamedByCommandLine(file.toString())) {
                // Part of the application, as the JARs inside the one that was started with -jar are.
                return bytes;
            }
            if (match == PackageContents.Match.ABSENT) {
                if (mustBeThere || environment.deniesDynamicCode()) {
                    if (environment.agents().hold(file, className, bytes)
                            || isContained(loader, className, bytes, hook, mustBeThere)) {
                        return bytes;
                    }
                }
                decisions.demandAbsentClass(classLoad, className, null, mustBeThere);
                return null;
            }
        }
        LoaderPackage one = find(loader, file.toString());
        synchronized (one) {
            if (environment.isResourceDirectory(file)) {
                decisions.refuseClassOfResources(file, className, hook, description);
                return null;
            }
            if (!one.admitted || one.contents == null && one.snapshot != null && !Files.exists(one.snapshot.copy())) {
                admit(one, loader, file, hook, description);
            }
            byte[] checked = compare(one, classLoad, className, bytes, loader, hook, mustBeThere);
            Packages packages = byLoader.get(loader);
            if (checked != null && packages != null) {
                packages.known = new Known(new WeakReference<>(location), one);
            }
            return checked;
        }
    }

    /** Whether the class is in the package that the loader's last one was in. */
    @SuppressWarnings("ReferenceEquality") // to compare URLs may ask a name server
    private boolean isKnown(@Nullable ClassLoader loader, String className, byte[] bytes, URL location) {
        Packages packages = byLoader.get(loader);
        Known known = packages == null ? null : packages.known;
        if (known == null || known.location.get() != location) {
            return false;
        }
        synchronized (known.found) {
            try {
                if (known.found.contents == null
                        || match(known.found, className, bytes) != PackageContents.Match.EQUAL) {
                    return false;
                }
                // An archive inside that this is the first class of is decided on by the check.
                return !known.found.inside.isNew();
            } catch (IOException e) {
                // The check that records the failure reads it again.
                return false;
            }
        }
    }

    /**
     * Whether a class that its origin does not hold is in another archive. Asked only where it would be refused else:
     * by default, what a package does not hold counts as generated code.
     */
    private boolean isContained(
            @Nullable ClassLoader loader, String className, byte[] bytes, Hook hook, boolean mustBeThere) {
        return !mustBeThere
                && environment.deniesDynamicCode()
                && contained.check(loader, className, bytes, null, hook, false) == ContainedClasses.Answer.COVERED;
    }

    /** As {@link #check}, for a class without any origin, where those are refused. */
    byte @Nullable [] checkWithoutOrigin(@Nullable ClassLoader loader, String className, byte[] bytes, Hook hook) {
        return isContained(loader, className, bytes, hook, false) ? bytes : null;
    }

    /**
     * Decides on a class that claims to be part of the JDK, as those are that a module layer loads anew.
     *
     * @param location with protocol {@code jrt}
     * @return see {@link #check}
     */
    byte @Nullable [] checkJdkClass(
            @Nullable ClassLoader loader, String className, byte[] bytes, URL location, Hook hook) {
        String url = Origin.text(location);
        String module = location.getPath().startsWith("/") ? location.getPath().substring(1) : location.getPath();
        Load load = new Load(Load.Kind.CLASS, null, null, url, hook.label(), Loaders.describe(loader));
        try {
            ModuleReference reference = ModuleFinder.ofSystem().find(module).orElse(null);
            if (reference != null) {
                try (ModuleReader reader = reference.open()) {
                    InputStream in =
                            reader.open(className.replace('.', '/') + ".class").orElse(null);
                    if (in != null && Arrays.equals(in.readAllBytes(), bytes)) {
                        return bytes;
                    }
                }
            }
        } catch (IOException e) {
            decisions.refuse(load, Refusal.UNREADABLE_PACKAGE, null, "the JDK cannot be read: " + e);
            return null;
        }
        decisions.demandAbsentClass(load, className, null, ReadClasses.isOfModule(loader, hook));
        return null;
    }

    private void admit(
            LoaderPackage one, @Nullable ClassLoader loader, Path file, Hook hook, @Nullable String description) {
        boolean directory = Files.isDirectory(file);
        Load load = Load.ofFile(directory ? Load.Kind.DIRECTORY : Load.Kind.JAR, file, hook.label(), description);
        Snapshot standing = ReadClasses.isJdkModuleLoader(loader) ? snapshots.hold(file.toFile()) : null;
        if (standing != null) {
            admitModule(one, load, standing);
            return;
        }
        one.file = file;
        one.snapshot = decisions.take(load, file.toString());
        readClasses.judged(file, one.snapshot);
        one.ownSnapshot = one.snapshot != null;
        one.contents = null;
        one.admitted = true;
    }

    private PackageContents.Match matchCopy(LoaderPackage one, Snapshot snapshot, String className, byte[] bytes)
            throws IOException {
        try {
            return match(one, className, bytes);
        } catch (IOException e) {
            // A cleaner of temporary files may have removed it.
            if (!snapshots.restore(snapshot)) {
                throw e;
            }
            one.closeContents();
            return match(one, className, bytes);
        }
    }

    /**
     * A module's reader that was opened on this thread for this class was decided on and recorded by that. Any other
     * reader may have the classes from anywhere, and its layer is one more that loads the package.
     */
    @SuppressWarnings("ReferenceEquality") // the very snapshot that this thread opened
    private void admitModule(LoaderPackage one, Load load, Snapshot standing) {
        ThreadState state = ThreadState.current();
        boolean opened = state.module == standing;
        state.module = null;
        boolean admitted = false;
        try {
            if (opened) {
                decisions.demandHashAgain(load, standing.hash(), standing.cover());
            } else {
                decisions.demandHash(load, standing.hash(), standing.cover());
            }
            admitted = true;
        } finally {
            if (!admitted) {
                snapshots.drop(standing);
            }
        }
        one.closeContents();
        one.snapshot = standing;
        one.ownSnapshot = true;
        one.admitted = true;
    }

    private byte @Nullable [] compare(
            LoaderPackage one,
            Load load,
            String className,
            byte[] bytes,
            @Nullable ClassLoader loader,
            Hook hook,
            boolean mustBeThere) {
        PackageContents.Match match;
        try {
            match = one.snapshot == null
                    ? matchUncopied(one, className, bytes)
                    : matchCopy(one, one.snapshot, className, bytes);
        } catch (IOException e) {
            decisions.refuse(
                    load,
                    Refusal.UNREADABLE_PACKAGE,
                    one.hash(),
                    "the package cannot be compared with class " + className + ": " + e.getMessage());
            return null;
        }
        switch (match) {
            case EQUAL -> {
                if (one.inside.isNew() && one.snapshot != null) {
                    demandInside(one.inside, one.snapshot, load);
                }
                return bytes;
            }
            case DIFFERENT -> {
                boolean first = !one.transformed;
                one.transformed = true;
                decisions.demandDifferentClass(load, className, one.hash(), first);
            }
            case ABSENT -> {
                if (isContained(loader, className, bytes, hook, mustBeThere)) {
                    return bytes;
                }
                decisions.demandAbsentClass(
                        load, className, one.hash(), mustBeThere || isOfAnother(one, loader, className, bytes));
            }
        }
        return null;
    }

    private void demandInside(ClassesInside inside, Snapshot snapshot, Load load) {
        Path signature = DetachedSignature.pathFor(Path.of(snapshot.original()));
        inside.demand(
                decisions,
                load,
                snapshot.cover() != null
                        ? snapshot.cover()
                        : new Cover(snapshot.original(), snapshot.hash(), signature));
    }

    private boolean isOfAnother(LoaderPackage one, @Nullable ClassLoader loader, String className, byte[] bytes) {
        return one.snapshot != null
                && readClasses.isOfAnother(loader, Path.of(one.snapshot.original()), one.snapshot, className, bytes);
    }

    private static PackageContents.Match match(LoaderPackage one, String className, byte[] bytes) throws IOException {
        if (one.contents == null) {
            one.contents = new PackageContents(one.read());
        }
        return one.contents.match(className, bytes, one.inside);
    }

    /**
     * What is exempt is compared as it lies there, and again after it was replaced. That a class names it does not make
     * the class a part of it. If it is no archive, it holds no class.
     */
    private static PackageContents.Match matchUncopied(LoaderPackage one, String className, byte[] bytes) {
        String state = SnapshotStore.stateOf(one.read());
        if (one.contents != null && !Objects.equals(state, one.state)) {
            one.closeContents();
        }
        one.state = state;
        try {
            return match(one, className, bytes);
        } catch (IOException e) {
            return PackageContents.Match.ABSENT;
        }
    }
}
