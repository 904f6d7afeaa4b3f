// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.gate.ThreadState.Context;
import io.cloacina.guard.agent.gate.ThreadState.Download;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Archives and directories that class paths open, and every other archive that {@code java.util.zip} opens. */
final class ClassPathHooks {

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final LoaderPackages packages;
    private final Directories directories;
    private final Loaders loaders = new Loaders();
    private final Refusals refusals = new Refusals();
    private final JudgedStates refusedStates = new JudgedStates();
    private final JudgedStates acceptedStates = new JudgedStates();
    private final WeakIdentityMap<Snapshot> downloads = new WeakIdentityMap<>();

    ClassPathHooks(
            Environment environment,
            SnapshotStore snapshots,
            Decisions decisions,
            ProbeLoads probes,
            LoaderPackages packages,
            Directories directories) {
        this.environment = environment;
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.probes = probes;
        this.packages = packages;
        this.directories = directories;
    }

    void loaderMade(ClassLoader loader, Object ucp) {
        decisions.awaitSelfTest();
        loaders.made(loader, ucp);
        probes.note(Hook.URL_CLASS_LOADER);
    }

    Object rootOpening(Object ucp) {
        return ThreadState.current().enter(new Context(ucp, environment.isApplication(ucp), null, false, null));
    }

    Object jarOpening(Object jarLoader, URL url) {
        ThreadState state = ThreadState.current();
        Object ucp;
        if (state.context == null || state.context.ucp() == null) {
            // Java 17 opens what META-INF/INDEX.LIST names without passing by the class path.
            ucp = environment.classPathOf(jarLoader);
        } else {
            ucp = state.context.ucp();
            environment.opened(jarLoader, ucp);
        }
        return state.enter(new Context(ucp, environment.isApplication(ucp), Origin.text(url), false, null));
    }

    void jarOpened(Object before, @Nullable JarFile jar) throws IOException {
        ThreadState state = ThreadState.current();
        Context current = state.context;
        state.leave(before);
        if (jar == null || current == null || current.application()) {
            return;
        }
        Download download = current.download();
        String url = download == null ? current.opening() : download.url();
        if (url == null) {
            return;
        }
        if (jar.getClass().getClassLoader() != null
                || download != null && (download.source() == null || JdkInternals.sourceOf(jar) != download.source())) {
            // An archive from a custom handler may read any file and have any name. Only an archive that was opened
            // here reads the bytes that were decided on.
            refuseRoot(current.ucp(), url, "it is not read from the archive that was opened for it");
        } else if (download != null) {
            if (download.snapshot() != null) {
                downloads.put(jar, download.snapshot());
            }
        } else {
            cached(current.ucp(), url, jar);
        }
    }

    private Load load(@Nullable Object ucp, String url) {
        return new Load(Load.Kind.JAR, null, null, url, Hook.CLASS_PATH_JAR.label(), Loaders.describe(loaders.of(ucp)));
    }

    private void refuseRoot(@Nullable Object ucp, String url, String error) throws IOException {
        try {
            decisions.refuse(load(ucp, url), Refusal.UNREADABLE_PACKAGE, null, error);
        } catch (PackageRefusedException refused) {
            throw refused(ucp, refused);
        }
    }

    private IOException refused(@Nullable Object ucp, PackageRefusedException refused) {
        refusals.add(ucp, refused);
        return new IOException(refused.getMessage(), refused);
    }

    /**
     * The archive was opened without java.util.zip: it comes from the cache of a connection. Its trust is asked for
     * again.
     */
    private void cached(@Nullable Object ucp, String url, JarFile jar) throws IOException {
        Snapshot read = downloads.get(jar);
        if (read == null) {
            refuseRoot(ucp, url, "it was open already through a cached connection, and cannot be verified any more");
            return;
        }
        try {
            decisions.demandHash(load(ucp, url), read.hash(), read.cover());
        } catch (PackageRefusedException refused) {
            throw refused(ucp, refused);
        }
    }

    File zipOpening(File file, boolean toDelete) throws IOException {
        ThreadState state = ThreadState.current();
        Context current = state.context;
        if (current != null && current.download() != null) {
            return zipOpeningWithin(current, current.download(), file, toDelete);
        }
        if (current == null || current.opening() == null) {
            return zipOpeningByPath(file, current == null);
        }
        if (current.application()) {
            Snapshot snapshot = snapshots.hold(file);
            if (snapshot != null) {
                return snapshot.file();
            }
            if (environment.isOutOfScope(file.getAbsolutePath())) {
                return file;
            }
        }
        return rootOpening(state, current, current.opening(), file, toDelete);
    }

    /** An archive that is no root of a class path: one that a snapshot replaces is read from that. */
    private File zipOpeningByPath(File file, boolean alone) {
        Snapshot snapshot = snapshots.hold(file);
        if (snapshot == null) {
            return file;
        }
        Snapshot newer = alone ? judgedAnew(file, snapshot) : null;
        if (newer == null) {
            return snapshot.file();
        }
        snapshots.drop(snapshot);
        return newer.file();
    }

    private File rootOpening(ThreadState state, Context current, String opening, File file, boolean toDelete)
            throws IOException {
        // An archive that is opened from here on is not the root.
        state.context = new Context(current.ucp(), false, null, current.module(), null);
        boolean local = current.module() || opening.startsWith("file:");
        if (local && !file.exists()) {
            // The exception of the JDK, without a second look at the file, which may have been replaced by then.
            throw new NoSuchFileException(file.getPath());
        }
        String hook = (current.module() ? Hook.MODULE_JAR : Hook.CLASS_PATH_JAR).label();
        ClassLoader loader = loaders.of(current.ucp());
        requireArchive(file, toDelete);
        Load load = local
                ? Load.ofFile(Load.Kind.JAR, file.toPath(), hook, Loaders.describe(loader))
                : Load.ofUrl(Load.Kind.JAR, file.toPath(), opening, hook, Loaders.describe(loader));
        if (local && environment.isNamedByCommandLine(file.getAbsolutePath())) {
            decisions.demandNamedByCommandLine(load);
            return file;
        }
        try {
            Snapshot snapshot = decisions.take(load, file.getAbsolutePath());
            if (current.module()) {
                state.module = snapshot;
            }
            if (!local) {
                state.context = new Context(current.ucp(), false, null, false, new Download(opening, snapshot, null));
            }
            if (snapshot == null) {
                return file;
            }
            if (loader != null) {
                packages.opened(loader, snapshot);
            }
            deleteDownload(file, toDelete);
            return snapshot.file();
        } catch (PackageRefusedException refused) {
            if (current.module()) {
                throw refused;
            }
            throw refused(current.ucp(), refused);
        }
    }

    /**
     * A host may open a package by itself after it was replaced, as when it loads a new version while loaders of the
     * old one still exist. It gets the new version, if that verifies. Connections, through which loaders read their
     * resources, keep to the snapshot.
     *
     * @return null if the snapshot is to be opened
     */
    private @Nullable Snapshot judgedAnew(File file, Snapshot snapshot) {
        if (snapshot.state() == null || file.getPath().equals(snapshot.copy().toString())) {
            return null;
        }
        String state = SnapshotStore.stateOf(file.toPath());
        if (state == null || state.equals(snapshot.state()) || Callers.isJarConnection()) {
            return null;
        }
        Load load = Load.ofFile(Load.Kind.JAR, file.toPath(), Hook.ZIP_OPEN.label(), null);
        Path signature = load.signatureFile();
        String withSignature = state + " " + (signature == null ? null : SnapshotStore.stateOf(signature));
        if (refusedStates.isJudged(snapshot.original(), withSignature)) {
            return null;
        }
        try {
            Snapshot newer = acceptedStates.isJudged(snapshot.original(), withSignature)
                    ? decisions.takeAgain(load, file.getAbsolutePath())
                    : decisions.take(load, file.getAbsolutePath());
            acceptedStates.judged(snapshot.original(), withSignature);
            return newer;
        } catch (PackageRefusedException refused) {
            // The refusal is in the audit log, and the snapshot still replaces the file.
            refusedStates.judged(snapshot.original(), withSignature);
            return null;
        }
    }

    /** Another archive on the way to one from elsewhere: inside the one before, or it needs a signature of its own. */
    private File zipOpeningWithin(Context current, Download download, File file, boolean toDelete) throws IOException {
        requireArchive(file, toDelete);
        Load load = Load.ofUrl(
                Load.Kind.JAR,
                file.toPath(),
                download.url(),
                Hook.CLASS_PATH_JAR.label(),
                Loaders.describe(loaders.of(current.ucp())));
        try {
            Snapshot snapshot = decisions.take(load, file.getAbsolutePath());
            if (snapshot == null) {
                return file;
            }
            deleteDownload(file, toDelete);
            return snapshot.file();
        } catch (PackageRefusedException refused) {
            throw refused(current.ucp(), refused);
        }
    }

    /** A file that is no archive is no package: the JDK refuses it. */
    private static void requireArchive(File file, boolean toDelete) throws ZipException {
        if (Archives.isNone(file)) {
            deleteDownload(file, toDelete);
            // The exception of the JDK, without a second look at the file, which may be an archive by then.
            throw new ZipException("zip END header not found");
        }
    }

    // A download that the JDK deletes by opening it; it opens the copy instead.
    private static void deleteDownload(File file, boolean toDelete) {
        if (toDelete && !file.delete()) {
            file.deleteOnExit();
        }
    }

    void zipOpened(File file, @Nullable Object source) {
        if (source == null) {
            snapshots.notOpened(file);
        } else {
            snapshots.opened(file, source);
            noteSource(source);
        }
    }

    /** A root that is no local file must read from the archive that was opened last for it. */
    private static void noteSource(Object source) {
        ThreadState state = ThreadState.current();
        Context current = state.context;
        Download download = current == null ? null : current.download();
        if (current != null && download != null) {
            state.context = new Context(
                    current.ucp(), false, null, false, new Download(download.url(), download.snapshot(), source));
        }
    }

    void zipClosed(Object source) {
        if (snapshots.closed(source)) {
            probes.note(Hook.ZIP_CLOSE);
        }
    }

    File directoryOpened(File directory) {
        Context current = ThreadState.current().context;
        if (current != null && current.application()) {
            Snapshot snapshot = snapshots.standingFor(directory);
            if (snapshot != null) {
                return snapshot.file();
            }
            if (environment.isOutOfScope(directory.getAbsolutePath())) {
                return directory;
            }
        }
        OpenedDirectory opened =
                directories.open(directory, Hook.CLASS_PATH_DIRECTORY, current == null ? null : current.ucp());
        return ReadDirectory.asking(opened.place.toFile(), opened);
    }

    /** @return whether the resource must not be found, because it does not exist or is refused */
    boolean directoryReading(Object fileLoader, File directory, String name) {
        OpenedDirectory opened = directory instanceof ReadDirectory read ? read.opened() : null;
        if (opened == null || name == null || !opened.holds(name)) {
            return opened != null && name != null;
        }
        synchronized (opened) {
            if (!opened.isDecided()) {
                if (opened.holdsDirectory(name)) {
                    directories.showDirectory(opened, name);
                    return false;
                }
                JdkInternals.setDirectory(fileLoader, decided(opened));
            }
            return opened.isResourcesOnly() && !isResource(opened, name);
        }
    }

    private File decided(OpenedDirectory opened) {
        try {
            Path path = directories.decide(opened, loaders.of(opened.ucp));
            if (opened.isResourcesOnly()) {
                return ReadDirectory.asking(opened.original, opened);
            }
            Snapshot snapshot = directories.snapshot(path);
            if (snapshot != null && snapshot.signer() == null) {
                // Audit mode: a file that the host puts there later is found, as without the guard.
                return ReadDirectory.bound(opened.original.getPath(), path);
            }
            return snapshot == null ? opened.original : ReadDirectory.bound(path.toString(), path);
        } catch (PackageRefusedException refused) {
            refusals.add(opened.ucp, refused);
            return snapshots.never().toFile();
        }
    }

    private boolean isResource(OpenedDirectory opened, String name) {
        try {
            directories.readResource(opened, name, loaders.of(opened.ucp));
            return true;
        } catch (PackageRefusedException refused) {
            refusals.add(opened.ucp, refused);
            return false;
        }
    }

    void classNotFound(Object ucp, Throwable notFound) {
        refusals.addTo(ucp, notFound);
    }
}
