// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ClassFile;
import io.cloacina.guard.agent.format.ContentKeys;
import io.cloacina.guard.agent.snapshot.PackageContents.Match;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Classes whose code source names no file that holds them: hosts make URLs of their own ({@code vfs:}, {@code bundle:},
 * {@code mvn:}). What such a class came from is found by its content, among the archives that this JVM has opened: an entry
 * with the name of the class and equal bytes. That archive is decided on, once for each class loader.
 *
 * <p>An archive that verifies is preferred to one that does not, and of those the one around to the one inside, as that is
 * the one which is shipped and signed. An equal entry of an archive that does not verify lets nothing in, nor does an entry
 * with another name.
 */
final class ContainedClasses {

    /** What became of a class. */
    enum Answer {
        /** It is in an archive that was let load. */
        COVERED,
        /** It is not, and may be defined all the same. */
        ALLOWED,
        /** Nothing is known about it. */
        UNKNOWN
    }

    /** Archives of one loader that are asked before others are looked for. */
    private static final int FIRST_ASKED = 16;

    private final Environment environment;
    private final Decisions decisions;
    private final OpenedArchives archives;
    private final ArchiveCopies copies;
    private final WeakIdentityMap<HeldArchives> byLoader = new WeakIdentityMap<>() {
        @Override
        void whenCollected(HeldArchives held) {
            synchronized (held) {
                copies.releaseAll(held.byPath);
                held.byPath.clear();
            }
        }
    };

    /**
     * A class that is looked for.
     *
     * @param url as its loader gave it; null for none
     */
    private record Wanted(
            @Nullable ClassLoader loader,
            String className,
            byte[] bytes,
            int crc,
            @Nullable String url,
            Hook hook) {
        String path() {
            return className.replace('.', '/') + ".class";
        }
    }

    ContainedClasses(Environment environment, Decisions decisions, OpenedArchives archives, ArchiveCopies copies) {
        this.environment = environment;
        this.decisions = decisions;
        this.archives = archives;
        this.copies = copies;
    }

    /**
     * Decides on one class.
     *
     * @param bytes a private copy of the bytes
     * @param url of its code source; null if it has none
     * @param mustBeThere whether it cannot be a generated one
     */
    Answer check(
            @Nullable ClassLoader loader,
            String className,
            byte[] bytes,
            @Nullable String url,
            Hook hook,
            boolean mustBeThere) {
        if (!ClassFile.nameOf(bytes).equals(className)) {
            // The JVM will not have it under this name.
            return Answer.UNKNOWN;
        }
        Wanted wanted = new Wanted(loader, className, bytes, ContentKeys.crcOf(bytes), url, hook);
        HeldArchives held = byLoader.get(loader);
        if (held == null) {
            held = byLoader.getOrPut(loader, new HeldArchives());
        }
        ThreadState state = ThreadState.current();
        Object before = state.enter(ThreadState.LOOKING);
        try {
            return check(held, wanted, mustBeThere);
        } finally {
            state.leave(before);
        }
    }

    private Answer check(HeldArchives held, Wanted wanted, boolean mustBeThere) {
        String url = wanted.url();
        synchronized (held) {
            OpenedArchive.Copy found = known(held, wanted);
            List<OpenedArchive> candidates = List.of();
            if (found == null) {
                archives.openNamedBy(url);
                archives.openDeployed();
                candidates = archives.holding(wanted.crc(), wanted.bytes().length);
                found = search(held, wanted, candidates);
                if (found != null) {
                    // Notes which archive inside has it.
                    matches(held, found, wanted);
                }
            }
            if (found != null) {
                demandInside(held.inside(found), found, wanted);
                held.found(url, found);
                return Answer.COVERED;
            }
            if (url != null) {
                requireNoOtherName(wanted, candidates);
            }
            OpenedArchive.Copy before = held.of(url);
            if (before == null || !mustBeThere && isFromElsewhere(before, wanted)) {
                return Answer.UNKNOWN;
            }
            return notFound(held, before, wanted, mustBeThere);
        }
    }

    private void demandInside(ClassesInside inside, OpenedArchive.Copy found, Wanted wanted) {
        if (inside.isNew() && !environment.isNamedByCommandLine(found.path)) {
            Load load = load(found, wanted);
            inside.demand(decisions, load, new Cover(found.path, found.hash, load.signatureFile()));
        }
    }

    /**
     * Whether a class was read, and from something that no signed archive holds all of. The maker of a package can put a
     * class of another one into it, so that one class which is found says nothing about the next one of the same URL.
     * Only what is generated may be missing.
     */
    private static boolean isFromElsewhere(OpenedArchive.Copy before, Wanted wanted) {
        return matches(before, wanted) == Match.ABSENT && Callers.isLoading(wanted.loader());
    }

    private static OpenedArchive.@Nullable Copy known(HeldArchives held, Wanted wanted) {
        OpenedArchive.Copy last = held.of(wanted.url());
        if (last != null && matches(held, last, wanted) == Match.EQUAL) {
            return last;
        }
        int left = FIRST_ASKED;
        for (OpenedArchive.Copy one : held.byPath.values()) {
            if (left-- == 0) {
                return null;
            }
            if (one != last && matches(held, one, wanted) == Match.EQUAL) {
                return one;
            }
        }
        return null;
    }

    private static Match matches(OpenedArchive.Copy copy, Wanted wanted) {
        return matches(copy, wanted, null);
    }

    private static Match matches(HeldArchives held, OpenedArchive.Copy copy, Wanted wanted) {
        return matches(copy, wanted, held.inside(copy));
    }

    private static Match matches(OpenedArchive.Copy copy, Wanted wanted, @Nullable ClassesInside inside) {
        try {
            return copy.contents.match(wanted.className(), wanted.bytes(), inside);
        } catch (IOException e) {
            // What cannot be compared is not equal.
            return Match.DIFFERENT;
        }
    }

    private static boolean holds(OpenedArchive.Copy copy, Wanted wanted, boolean inner) {
        try {
            return inner
                    ? copy.contents.match(wanted.className(), wanted.bytes()) == Match.EQUAL
                    : copy.contents.holds(wanted.path(), wanted.bytes(), wanted.crc());
        } catch (IOException e) {
            return false;
        }
    }

    private OpenedArchive.@Nullable Copy search(HeldArchives held, Wanted wanted, List<OpenedArchive> candidates) {
        List<OpenedArchive.Copy> untrusted = new ArrayList<>();
        try {
            OpenedArchive.Copy found = search(held, wanted, candidates, false, untrusted);
            if (found == null) {
                int direct = untrusted.size();
                found = search(
                        held,
                        wanted,
                        archives.holdingInside(Sha256.digest().digest(wanted.bytes()), true),
                        true,
                        untrusted);
                if (found == null && untrusted.size() > direct) {
                    for (; direct > 0; direct--) {
                        copies.release(untrusted.remove(0));
                    }
                }
            }
            // Without an origin it is generated code, as far as no archive that may load holds it.
            if (found == null && !untrusted.isEmpty() && wanted.url() != null) {
                found = shipped(untrusted, wanted);
                decisions.demandContaining(load(found, wanted), found.hash, isNamed(found, wanted));
                keep(held, found);
                untrusted.remove(found);
            }
            return found;
        } finally {
            for (OpenedArchive.Copy copy : untrusted) {
                copies.release(copy);
            }
        }
    }

    /** Of equal archives the one that the class names, which a person deployed; a host's own copy of it has no signature. */
    private static OpenedArchive.Copy shipped(List<OpenedArchive.Copy> archives, Wanted wanted) {
        for (OpenedArchive.Copy one : archives) {
            if (isNamed(one, wanted)) {
                return one;
            }
        }
        return archives.get(0);
    }

    /** @param untrusted gets those that hold the class and would be refused */
    private OpenedArchive.@Nullable Copy search(
            HeldArchives held,
            Wanted wanted,
            List<OpenedArchive> candidates,
            boolean inner,
            List<OpenedArchive.Copy> untrusted) {
        for (OpenedArchive one : candidates) {
            OpenedArchive.Copy copy = copies.hold(one);
            boolean release = copy != null;
            try {
                if (copy == null || !holds(copy, wanted, inner)) {
                    continue;
                }
                if (held.byPath.get(copy.path) == copy) {
                    return copy;
                }
                if (environment.isNamedByCommandLine(copy.path)
                        || decisions.admitsContaining(load(copy, wanted), copy.hash, isNamed(copy, wanted))) {
                    release = false;
                    keep(held, copy);
                    return copy;
                }
                release = false;
                untrusted.add(copy);
            } finally {
                if (release && copy != null) {
                    copies.release(copy);
                }
            }
        }
        return null;
    }

    /** What an archive holds under another name is neither a class of it nor generated: it was signed as data, if at all. */
    private void requireNoOtherName(Wanted wanted, List<OpenedArchive> candidates) {
        for (OpenedArchive one : candidates) {
            OpenedArchive.Copy copy = copies.hold(one);
            if (copy != null) {
                boolean held;
                try {
                    held = copy.contents.holdsEntry(
                            wanted.bytes().length, wanted.crc(), PackageHash.ofContent(wanted.bytes()), false);
                } catch (IOException e) {
                    held = false;
                } finally {
                    copies.release(copy);
                }
                if (held) {
                    decisions.refuse(
                            load(copy, wanted),
                            Refusal.TAMPERED_PACKAGE,
                            copy.hash,
                            "it holds the bytes of class " + wanted.className() + " under another name only");
                }
            }
        }
    }

    private void keep(HeldArchives held, OpenedArchive.Copy copy) {
        OpenedArchive.Copy before = held.keep(copy);
        if (before != null) {
            copies.release(before);
        }
    }

    private static boolean isNamed(OpenedArchive.Copy copy, Wanted wanted) {
        return JBossDeployments.isNamedBy(wanted.url(), copy.path);
    }

    private static Load load(OpenedArchive.Copy copy, Wanted wanted) {
        return Load.ofFile(Load.Kind.JAR, Path.of(copy.path), wanted.hook().label(), Loaders.describe(wanted.loader()));
    }

    /** A class of an origin from which the loader has classes of an archive already, and which is not in that. */
    private Answer notFound(HeldArchives held, OpenedArchive.Copy archive, Wanted wanted, boolean mustBeThere) {
        Load load = new Load(
                Load.Kind.CLASS, null, null, archive.path, wanted.hook().label(), Loaders.describe(wanted.loader()));
        if (matches(archive, wanted) == Match.DIFFERENT) {
            decisions.demandDifferentClass(load, wanted.className(), archive.hash, held.isFirstWoven(archive));
        } else {
            decisions.demandAbsentClass(load, wanted.className(), archive.hash, mustBeThere);
        }
        return Answer.ALLOWED;
    }
}
