// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Covers;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks the guard, for all hooks. No load is decided on before the start-up self-test has ended. The loads of the
 * self-test are decided on here, without the guard and without an event.
 *
 * <p>A load that cannot be decided on is refused if signatures are required; otherwise it is recorded and admitted: see
 * {@link #failed}.
 */
final class Decisions {

    private final Guard guard;
    private final SnapshotStore snapshots;
    private final ProbeLoads probes;
    private final Covers covers;
    private final StartAgents agents;

    /** @param covers finds the package that covers a load without a signature of its own */
    Decisions(Guard guard, SnapshotStore snapshots, ProbeLoads probes, Covers covers, StartAgents agents) {
        this.guard = guard;
        this.snapshots = snapshots;
        this.probes = probes;
        this.covers = covers;
        this.agents = agents;
    }

    boolean isEnforcing() {
        return guard.isEnforcing();
    }

    /**
     * Waits for the end of the self-test. To be called at the first instruction of a load: the first thread that loads
     * something may have little stack left, and no class of the guard may be initialised there that the self-test has
     * not initialised before.
     */
    void awaitSelfTest() {
        probes.awaitEnd();
    }

    private Guard guard() {
        awaitSelfTest();
        return guard;
    }

    /** What a load that has a file reads. */
    static Path file(Load load) {
        return Objects.requireNonNull(load.file());
    }

    /**
     * Decides on a file or directory, and keeps the copy that was made of it.
     *
     * @param original the path as it was opened, absolute
     * @return null if it may load without a copy
     * @throws PackageRefusedException if it must not load
     */
    @Nullable
    Snapshot take(Load load, String original) {
        return take(load, original, String.valueOf(file(load).getFileName()));
    }

    /** As {@link #take(Load, String)}, with a copy that is called {@code name}. */
    @Nullable
    Snapshot take(Load load, String original, String name) {
        // Taken before the file is read, because a write during the read is a change.
        BasicFileAttributes attributes = SnapshotStore.attributesOf(file(load));
        String state = SnapshotStore.stateOf(attributes);
        Path copy = snapshots.newCopy(name, load.kind() == Load.Kind.AGENT ? -1 : SnapshotStore.sizeOf(attributes));
        CopyInMaking making = new CopyInMaking(snapshots, copy, covers);
        try {
            return keep(load, copy, original, state, admit(load, copy, making));
        } finally {
            making.end();
        }
    }

    /**
     * As {@link #take(Load, String)}, for a file that was decided on and recorded as it is: only a refusal is recorded
     * again.
     */
    @Nullable
    Snapshot takeAgain(Load load, String original) {
        BasicFileAttributes attributes = SnapshotStore.attributesOf(file(load));
        String state = SnapshotStore.stateOf(attributes);
        Path copy = snapshots.newCopy(String.valueOf(file(load).getFileName()), SnapshotStore.sizeOf(attributes));
        CopyInMaking making = new CopyInMaking(snapshots, copy, covers);
        try {
            PackageHash hash = PackageSnapshot.copy(file(load), copy);
            making.end();
            Admission admission = guard().admitAgain(load, copy, hash, covers);
            return keep(
                    load,
                    copy,
                    original,
                    state,
                    admission instanceof Admission.Allowed allowed
                            ? new Admission.Allowed(true, hash, allowed.signer(), allowed.cover())
                            : admission);
        } catch (UnreadablePackageException e) {
            // It existed a moment ago. Its snapshot still replaces it.
            snapshots.delete(copy);
            return null;
        } finally {
            making.end();
        }
    }

    private @Nullable Snapshot keep(
            Load load, Path copy, String original, @Nullable String state, Admission admission) {
        if (!(admission instanceof Admission.Allowed allowed) || !allowed.copied()) {
            snapshots.delete(copy);
            demand(load, admission);
            return null;
        }
        // What was copied was read, and has a hash.
        PackageHash hash = Objects.requireNonNull(allowed.packageHash());
        Snapshot snapshot = new Snapshot(original, copy, hash, allowed.signer(), state, allowed.cover());
        snapshots.add(snapshot);
        return snapshot;
    }

    /**
     * Decides on a load, by the guard or, while that lasts, by the self-test.
     *
     * @param copy where the copy is made
     */
    Admission admit(Load load, Path copy) {
        return admit(load, copy, covers);
    }

    private Admission admit(Load load, Path copy, Covers making) {
        if (!probes.concerns(load.packagePath())) {
            return guard().admit(load, copy, making);
        }
        if (!probes.allows(load.packagePath())) {
            throw probes.refuse(load.hook(), load.packagePath());
        }
        try {
            return new Admission.Allowed(true, PackageSnapshot.copy(file(load), copy), null);
        } catch (UnreadablePackageException e) {
            throw new IllegalStateException("the self-test cannot make a copy: " + e.getMessage(), e);
        }
    }

    /** Decides on a load without a copy that stays. */
    void admitWithoutCopy(Load load) {
        Path copy = snapshots.newCopy(
                String.valueOf(file(load).getFileName()), SnapshotStore.sizeOf(SnapshotStore.attributesOf(file(load))));
        CopyInMaking making = new CopyInMaking(snapshots, copy, covers);
        try {
            Admission admission = admit(load, copy, making);
            snapshots.delete(copy);
            demand(load, admission);
        } finally {
            making.end();
        }
    }

    /**
     * Decides on a package by its hash alone: one that is open already, so that trust is asked for again.
     *
     * @param cover what covered it; null if nothing did
     */
    void demandHash(Load load, PackageHash hash, @Nullable Cover cover) {
        demand(load, guard().admit(load, hash, cover));
    }

    /**
     * As {@link #demandHash}, for a load that was decided on and recorded just now: only a refusal is recorded again.
     */
    void demandHashAgain(Load load, PackageHash hash, @Nullable Cover cover) {
        demand(load, guard().admitAgain(load, null, hash, Covers.just(cover)));
    }

    /**
     * Has an archive decided on that holds a class which its loader is about to define.
     *
     * @param named whether the class names it as its origin; only then it may be exempt
     */
    void demandContaining(Load load, PackageHash hash, boolean named) {
        demand(load, Objects.requireNonNull(guard().admitContaining(load, hash, named, false)));
    }

    /**
     * As {@link #demandContaining}, if it verifies or is exempt.
     *
     * @return whether it does; if not, nothing was decided and recorded
     */
    boolean admitsContaining(Load load, PackageHash hash, boolean named) {
        Admission admission = guard().admitContaining(load, hash, named, true);
        if (admission != null) {
            demand(load, admission);
        }
        return admission != null;
    }

    /** Has an archive decided on that lies in a package which was let load. */
    void demandInside(Load load, PackageHash hash, Cover cover) {
        demand(load, guard().admitInside(load, hash, cover));
    }

    /** Decides on bytes that are a package of their own. */
    void demandBytes(Load load, byte[] bytes) {
        demand(load, guard().admit(load, bytes));
    }

    /** Decides on code that is in no package. What agents of the command line define is trusted as they are. */
    void demandDynamicCode(Load load, String className) {
        if (!countsDynamicCode() && !agents.areBehind()) {
            demand(load, guard().dynamicCode(load, "class " + className));
        }
    }

    /**
     * Counts code that is in no package, if that is all there is to do with it.
     *
     * @return false if it must be decided on by {@link #demandDynamicCode}; nothing is counted then
     */
    boolean countsDynamicCode() {
        return guard().countsDynamicCode();
    }

    /**
     * Has a class decided on that the package it claims does not hold.
     *
     * @param mustBeThere whether it cannot be a generated one
     */
    void demandAbsentClass(Load load, String className, @Nullable PackageHash hash, boolean mustBeThere) {
        if (mustBeThere) {
            refuse(
                    load,
                    Refusal.TAMPERED_PACKAGE,
                    hash,
                    "class " + className + " was read from somewhere else: the package does not hold it");
        } else {
            demandDynamicCode(load, className);
        }
    }

    /** Decides on a class whose bytes differ from those in its package. */
    void demandDifferentClass(Load load, String className, @Nullable PackageHash hash, boolean first) {
        demand(load, guard().differentClass(load, className, hash, first));
    }

    /** Records what the command line of the JVM named. */
    void demandNamedByCommandLine(Load load) {
        demand(load, guard().namedByCommandLine(load));
    }

    /** Records that resources are read from a directory of {@code cloacina.resource_directories}. */
    void demandResourceDirectory(Load load) {
        demand(load, guard().resourceDirectory(load));
    }

    /** Refuses a class from such a directory, or in audit mode records that it would have been. */
    void refuseClassOfResources(Path directory, String className, Hook hook, @Nullable String loader) {
        Load load = Load.ofFile(Load.Kind.DIRECTORY, directory, hook.label(), loader);
        String error =
                "class " + className + " comes from a directory that cloacina.resource_directories names, and such"
                        + " a directory serves resources only";
        refuse(load, Refusal.SIGNATURE_NOT_FOUND, null, error);
    }

    /** Records a library of the operating system. */
    void demandSystemLibrary(Load load) {
        demand(load, guard().systemLibrary(load));
    }

    /** Refuses, or in audit mode records what would have been refused. */
    void refuse(Load load, Refusal reason, @Nullable PackageHash hash, String error) {
        demand(load, guard().refuse(load, reason, hash, error));
    }

    /**
     * Refuses in audit mode, too: a load that would disable the guard itself.
     *
     * @return never
     */
    PackageRefusedException refuseAlways(Load load, Refusal reason, String error) {
        demand(load, guard().refuseAlways(load, reason, error));
        throw new IllegalStateException("what is always refused was allowed");
    }

    static void demand(Load load, Admission admission) {
        if (admission instanceof Admission.Denied denied) {
            throw new PackageRefusedException(
                    load.packagePath(),
                    denied.reason().code(),
                    denied.eventId() == null ? null : denied.eventId().toString(),
                    denied.message());
        }
    }

    /** Whether {@code thrown} is an exception by which a hook refuses a load. */
    private static boolean isRefusal(Throwable thrown) {
        return thrown instanceof PackageRefusedException
                || thrown instanceof IOException
                || thrown instanceof UnsatisfiedLinkError && thrown.getCause() instanceof PackageRefusedException;
    }

    /**
     * The end of a hook that has thrown. A refusal goes on to the JDK. Anything else is a failure of the guard: where
     * signatures are required the load is refused, in audit mode this returns and it goes on as without the guard; both
     * with an event.
     *
     * @param what was being loaded; null where it is not known
     */
    void failed(Hook hook, Load.Kind kind, @Nullable String what, Throwable thrown) {
        if (isRefusal(thrown)) {
            throw Decisions.<RuntimeException>unchecked(thrown);
        }
        try {
            Load load = new Load(kind, null, null, what == null ? "unknown" : what, hook.label(), null);
            demand(load, guard.refuse(load, Refusal.INTERNAL_ERROR, null, "the guard failed: " + thrown));
        } catch (PackageRefusedException refused) {
            throw refused;
        } catch (Throwable again) {
            // Memory or stack does not suffice to record the event.
            if (guard.isEnforcing()) {
                throw Decisions.<RuntimeException>unchecked(thrown);
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws what is checked, undeclared
    static <X extends Throwable> X unchecked(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
