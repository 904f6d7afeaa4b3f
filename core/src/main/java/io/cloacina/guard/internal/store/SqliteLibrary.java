// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's own library, which comes inside the driver's jar. Left alone, the driver extracts it to a directory that
 * others can write to, or takes whatever a system property names; and to find out which one fits it runs {@code uname}
 * and follows every link in {@code /proc/self/map_files}, at the expense of the first question.
 */
public final class SqliteLibrary {

    /** The static field by which {@link SQLiteJDBCLoader} knows that its library was loaded for its class loader. */
    public static final String LOADED = "extracted";

    private static final int MAX_TRIES = 100;

    private static volatile boolean loadedByOther;

    private SqliteLibrary() {}

    /** From now on the library counts as loaded: the caller has done it, and has set {@link #LOADED}. */
    public static void loadedByOther() {
        loadedByOther = true;
    }

    /**
     * Loads the library for the driver through a directory that only this process can write to, and that is gone again
     * afterwards. Does nothing if the driver has its library, if {@code org.sqlite.lib.path} names one, or if the
     * driver is in another class loader than the guard.
     *
     * @throws IOException if there is none for this platform, or it cannot be put into a temporary directory
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    @SuppressWarnings("LockOnNonEnclosingClassLiteral") // the driver's own lock, under which it would do the same
    static void load() throws IOException {
        if (loadedByOther
                || System.getProperty("org.sqlite.lib.path") != null
                || SQLiteJDBCLoader.class.getClassLoader() != SqliteLibrary.class.getClassLoader()) {
            return;
        }
        synchronized (SQLiteJDBCLoader.class) {
            if (isLoaded()) {
                return;
            }
            Path directory = makeDirectory(Path.of(System.getProperty("java.io.tmpdir")));
            File library = directory.toFile();
            try {
                library = extract(directory).toFile();
                System.load(library.getPath());
                loaded();
            } finally {
                // Not every system lets go of a file that is mapped; there it goes with the process.
                if (!library.delete()
                        || !directory.toFile().delete() && directory.toFile().exists()) {
                    directory.toFile().deleteOnExit();
                    library.deleteOnExit();
                }
            }
        }
    }

    /**
     * A new directory that is the owner's alone. Its name need not be secret, because one that is there is not taken;
     * {@code Files.createTempDirectory} asks for secure random numbers, which costs the first question some milliseconds.
     */
    static Path makeDirectory(Path place) throws IOException {
        FileAttribute<?>[] ownerOnly =
                place.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
        long number = System.nanoTime();
        for (int tries = 1; ; tries++) {
            try {
                return Files.createDirectory(place.resolve("cloacina-sqlite-" + Long.toHexString(number)), ownerOnly);
            } catch (FileAlreadyExistsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
                number = number * 6364136223846793005L + System.nanoTime();
            }
        }
    }

    private static boolean isLoaded() {
        try {
            return known().getBoolean(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Puts the library for this platform into a directory.
     *
     * @throws IOException if there is none, or it cannot be put there
     */
    public static Path extract(Path directory) throws IOException {
        String resource = resource();
        Path library = directory
                .resolve(resource.substring(resource.lastIndexOf('/') + 1))
                .toAbsolutePath();
        try (InputStream in = SQLiteJDBCLoader.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("SQLite comes with no library for this platform: [" + resource + "]");
            }
            Files.copy(in, library);
        }
        return library;
    }

    private static void loaded() {
        try {
            known().setBoolean(null, true);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Field known() {
        try {
            Field extracted = SQLiteJDBCLoader.class.getDeclaredField(LOADED);
            extracted.setAccessible(true);
            return extracted;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this is not the SQLite driver that the guard was built with", e);
        }
    }

    /** Where the library for this platform lies in the driver's jar. */
    public static String resource() throws IOException {
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (System.getProperty("os.name", "").equals("Linux")
                && (machine.equals("amd64") || machine.equals("aarch64"))
                && Files.isReadable(Path.of("/proc/self/maps"))) {
            return "org/sqlite/native/" + (isMusl() ? "Linux-Musl/" : "Linux/")
                    + (machine.equals("amd64") ? "x86_64" : machine) + "/libsqlitejdbc.so";
        }
        return LibraryLoaderUtil.getNativeLibResourcePath().substring(1) + "/" + LibraryLoaderUtil.getNativeLibName();
    }

    // The C library that the JVM itself runs on is mapped into it.
    private static boolean isMusl() throws IOException {
        try (InputStream in = new FileInputStream("/proc/self/maps")) {
            String maps = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return maps.contains("ld-musl-") || maps.contains("libc.musl-");
        }
    }
}
