package io.cloacina.guard.agent.guard;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The private copies: which file stands for which, and for how long.
 *
 * <p>A copy is made for every load, so that a package that was replaced on disk is judged anew, and the newest copy
 * stands for its original wherever {@code java.util.zip} opens that path. It goes when the last archive that was opened
 * from it is closed, at the latest when the JVM ends.
 */
final class Pins {

    /**
     * A copy that stands for its original.
     *
     * @param original the path as it was opened, absolute
     * @param signer who signed it; null if it was merely allowed by audit mode
     */
    record Pin(String original, Path copy, PackageHash hash, Fingerprint signer) {
        File file() {
            return copy.toFile();
        }
    }

    private final Path folder;
    private final AtomicLong number = new AtomicLong();
    private final ConcurrentHashMap<String, Pin> byOriginal = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Pin> byCopy = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Object, Pin> openSources = new ConcurrentHashMap<>();

    /**
     * @param parent where the folder of this JVM is made, mode 0700; null for {@code java.io.tmpdir}
     * @throws IOException if it cannot be made
     */
    Pins(Path parent) throws IOException {
        FileAttribute<?>[] ownerOnly =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
        String prefix = "cloacina-guard-" + ProcessHandle.current().pid() + "-";
        if (parent != null) {
            Files.createDirectories(parent, ownerOnly);
        }
        this.folder = (parent == null
                        ? Files.createTempDirectory(prefix, ownerOnly)
                        : Files.createTempDirectory(parent, prefix, ownerOnly))
                .toRealPath();
    }

    Path folder() {
        return folder;
    }

    /** A path for a new copy of something called {@code name}, which it keeps as the end of its own name. */
    Path newCopy(String name) {
        return folder.resolve(number.incrementAndGet() + "-" + shortened(name));
    }

    /** A path for a new copy in a folder of its own, with the very name of the original. */
    Path newCopyInFolder(String name) throws IOException {
        return Files.createDirectory(folder.resolve(Long.toString(number.incrementAndGet())))
                .resolve(name);
    }

    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(name.length() - 80);
    }

    /** From now on {@code pin} stands for its original. */
    void add(Pin pin) {
        byCopy.put(pin.copy().toString(), pin);
        byOriginal.put(pin.original(), pin);
    }

    /** What stands for {@code file}, or null. */
    Pin standingFor(File file) {
        return byOriginal.isEmpty() ? null : byOriginal.get(file.getAbsolutePath());
    }

    Collection<Pin> all() {
        return byCopy.values();
    }

    /** An archive was opened from {@code file}; {@code source} stands for it until it is closed. */
    void opened(File file, Object source) {
        Pin pin = byCopy.isEmpty() ? null : byCopy.get(file.getPath());
        if (pin != null) {
            openSources.put(source, pin);
        }
    }

    /** {@code file} could not be opened as an archive. */
    void notOpened(File file) {
        Pin pin = byCopy.get(file.getPath());
        if (pin != null && !openSources.containsValue(pin)) {
            drop(pin);
        }
    }

    /**
     * Several archives opened from one copy share a source, which is closed with the last of them.
     *
     * @return whether {@code source} was open on a copy, which is gone now
     */
    boolean closed(Object source) {
        Pin pin = openSources.remove(source);
        if (pin == null) {
            return false;
        }
        drop(pin);
        return true;
    }

    /** Takes a pin back and removes its copy. */
    void drop(Pin pin) {
        byOriginal.remove(pin.original(), pin);
        if (byCopy.remove(pin.copy().toString(), pin)) {
            delete(pin.copy());
        }
    }

    /** Removes what is left of a copy; what cannot be removed now goes with the folder. */
    void delete(Path copy) {
        try {
            deleteTree(copy);
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        }
    }

    /** Removes everything. */
    void close() throws IOException {
        deleteTree(folder);
    }

    private static void deleteTree(Path top) throws IOException {
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Gone already, which is what was wanted.
            return;
        }
    }
}
