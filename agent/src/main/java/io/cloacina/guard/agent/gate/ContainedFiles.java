// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ContentKeys;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Covers;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What hosts unpack: which of the archives that this JVM has opened holds it. One signature, on what is shipped, is enough.
 *
 * <p>An archive or a native library is covered by its content alone, whatever it is called: hosts unpack to temporary names,
 * and all of its bytes were signed as code of the archive around it, if that has the entry among its archives. In a
 * directory each file must equal an entry that has its path at the end of its name, all of one archive and with the same
 * before it: there the names say what is loaded.
 */
final class ContainedFiles implements Covers {

    private static final int BUFFER_SIZE_BYTES = 64 * 1024;

    /** A directory with a larger file is compared with nothing: files of that size are not what classes are read from. */
    private static final long MOST_FILE_BYTES = 256L << 20;

    private final Environment environment;
    private final OpenedArchives archives;
    private final ArchiveCopies copies;
    private final NativeLibraries natives;

    ContainedFiles(Environment environment, OpenedArchives archives, ArchiveCopies copies, NativeLibraries natives) {
        this.environment = environment;
        this.archives = archives;
        this.copies = copies;
        this.natives = natives;
    }

    @Override
    public List<Cover> of(Load load, @Nullable Path copy, PackageHash hash) {
        ThreadState state = ThreadState.current();
        Object before = state.enter(ThreadState.LOOKING);
        try {
            archives.openBeside(load.file());
            archives.openDeployed();
            if (copy == null) {
                return List.of();
            }
            if (load.kind() == Load.Kind.DIRECTORY) {
                return ofDirectory(copy);
            }
            boolean library = load.kind() == Load.Kind.NATIVE || load.kind() == Load.Kind.AGENT;
            Cover cover = library
                    ? natives.coverOf(copy, hash)
                    : environment.agents().jars().coverOf(copy, hash);
            return cover == null ? ofFile(load, copy, hash, !library) : List.of(cover);
        } catch (IOException e) {
            // What cannot be compared is covered by nothing.
            return List.of();
        } finally {
            state.leave(before);
        }
    }

    private List<Cover> ofFile(Load load, Path copy, PackageHash hash, boolean archivesOnly) throws IOException {
        long sizeBytes = Files.size(copy);
        int crc = crcOf(copy);
        List<Cover> covers = new ArrayList<>(2);
        // An archive around others comes first: it is the one that is shipped and signed.
        addInner(load, covers, hash);
        for (OpenedArchive one : archives.holding(crc, sizeBytes)) {
            OpenedArchive.Copy archive = isAmong(covers, one.path) ? null : copies.hold(one);
            if (archive != null) {
                try {
                    if (archive.contents.holdsEntry(sizeBytes, crc, hash, archivesOnly)) {
                        covers.add(cover(archive));
                    }
                } finally {
                    copies.release(archive);
                }
            }
        }
        return covers;
    }

    private void addInner(Load load, List<Cover> covers, PackageHash hash) {
        for (OpenedArchive one : archives.holdingInside(hash.bytes(), false)) {
            OpenedArchive.Copy archive = one.path.equals(load.packagePath()) ? null : copies.hold(one);
            if (archive != null) {
                try {
                    List<PackageHash> around = new ArrayList<>(1);
                    if (archive.contents.holdsInside(hash, around)) {
                        covers.add(cover(archive, around));
                    }
                } catch (IOException e) {
                    // One that cannot be read holds nothing; another may.
                } finally {
                    copies.release(archive);
                }
            }
        }
    }

    private static boolean isAmong(List<Cover> covers, String path) {
        for (Cover cover : covers) {
            if (cover.path().equals(path)) {
                return true;
            }
        }
        return false;
    }

    private Cover cover(OpenedArchive.Copy archive) {
        return cover(archive, List.of());
    }

    private Cover cover(OpenedArchive.Copy archive, List<PackageHash> around) {
        return environment.isNamedByCommandLine(archive.path)
                ? new Cover(archive.path, null, null)
                : new Cover(
                        archive.path, archive.hash, DetachedSignature.pathFor(Path.of(archive.path)), false, around);
    }

    private List<Cover> ofDirectory(Path copy) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(copy)) {
            for (Iterator<Path> each = all.iterator(); each.hasNext(); ) {
                Path file = each.next();
                if (Files.isRegularFile(file)) {
                    files.add(file);
                    if (Files.size(file) > MOST_FILE_BYTES) {
                        return List.of();
                    }
                }
            }
        }
        if (files.isEmpty()) {
            return List.of();
        }
        List<Cover> covers = new ArrayList<>(1);
        for (OpenedArchive one : archives.holding(crcOf(files.get(0)), Files.size(files.get(0)))) {
            OpenedArchive.Copy archive = copies.hold(one);
            if (archive != null) {
                try {
                    if (holdsAll(archive, copy, files)) {
                        covers.add(cover(archive));
                    }
                } finally {
                    copies.release(archive);
                }
            }
        }
        return covers;
    }

    private static boolean holdsAll(OpenedArchive.Copy archive, Path directory, List<Path> files) throws IOException {
        // What the directory is called in the archive. An example of a configuration is none, though it was signed.
        Set<String> prefixes = null;
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            String path = directory.relativize(file).toString().replace('\\', '/');
            Set<String> found = archive.contents.prefixesOf(path, content, ContentKeys.crcOf(content));
            if (prefixes == null) {
                prefixes = found;
            } else {
                prefixes.retainAll(found);
            }
            if (prefixes.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private static int crcOf(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        try (InputStream in = new FileInputStream(file.toFile())) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        }
        return (int) crc.getValue();
    }
}
