// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A file that a user or a setting names. */
public final class GivenFile {

    /** Why the text of a key is not taken for the name of a file. */
    public static final String KEY_GIVEN =
            "the text of a key stands where the name of a file is wanted; if it is a secret, it"
                    + " must be considered exposed";

    private GivenFile() {}

    /**
     * Whether {@code text}, which should name a file, is a key instead. What names a file that is there, or one in a
     * directory that is there, is no key, whatever its directories are called.
     */
    public static boolean isKey(String text) {
        if (!KeyText.isIn(text)) {
            return false;
        }
        // Not a Path: the text may not even be one.
        File file = new File(text);
        if (file.exists()) {
            return false;
        }
        File directory = file.getParentFile();
        return directory == null || !directory.isDirectory() || KeyText.isIn(file.getName());
    }

    /** How results and events name a file: absolute, and without needless dots. */
    public static Path absolute(Path path) {
        Path absolute = path.toAbsolutePath();
        // Behind a link, the directory above is not the one whose name stands before.
        for (Path part : absolute) {
            if (part.toString().equals("..")) {
                return absolute;
            }
        }
        return absolute.normalize();
    }

    /**
     * Reads a small file, and refuses what may make a reader wait for ever: a pipe, a device, a socket.
     *
     * @param most how many bytes it may have; one more is read from a larger one, so that the caller can tell
     * @throws NoSuchFileException if there is none
     * @throws FileSystemException if it is not a regular file
     * @throws IOException if it cannot be read
     */
    public static byte[] read(Path file, int most) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    attributes.isDirectory()
                            ? "it is a directory"
                            : "it is a pipe, a device or a socket; a regular file is wanted");
        }
        // Not a FileChannel: one of those is closed under the hands of an interrupted thread.
        try (InputStream in = new FileInputStream(file.toFile())) {
            return in.readNBytes(most + 1);
        }
    }

    /** What the file system says, in words. */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) {
            return "there is no such file";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "there is such a file already";
        }
        if (failure instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : KeyText.shown(failure.getMessage());
    }
}
