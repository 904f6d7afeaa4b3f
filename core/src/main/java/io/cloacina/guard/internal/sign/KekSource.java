// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.MalformedKekException;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.sign.KeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where a key encryption key may come from: the environment or a file, never a command line. */
public final class KekSource {

    /** The environment variable that holds the key: base64 or 64 hexadecimal digits. */
    public static final String VARIABLE = "CLOACINA_KEY_ENCRYPTION_KEY";

    /** The one that holds the new key when keys are resealed. */
    public static final String NEW_VARIABLE = "CLOACINA_NEW_KEY_ENCRYPTION_KEY";

    private static final int MOST_BYTES = 4096;
    private static final Set<PosixFilePermission> OTHERS_READ =
            EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);

    private KekSource() {}

    /**
     * @param variable {@link #VARIABLE} or {@link #NEW_VARIABLE}
     * @return to be closed by the caller; empty if the variable is not set or blank
     * @throws KeyException {@code MALFORMED_KEK}
     */
    public static Optional<Kek> fromEnvironment(Map<String, String> environment, String variable) throws KeyException {
        String text = environment.get(variable);
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Kek.ofText(text));
        } catch (MalformedKekException e) {
            throw new KeyException(KeyException.Reason.MALFORMED_KEK, variable + ": " + e.getMessage(), e);
        }
    }

    /**
     * @param file base64, 64 hexadecimal digits or 32 raw bytes, in a regular file
     * @return to be closed by the caller
     * @throws KeyException {@code MALFORMED_KEK}
     * @throws IOException if it cannot be read
     */
    public static Kek fromFile(Path file) throws KeyException, IOException {
        byte[] content = GivenFile.read(file, MOST_BYTES);
        try {
            return Kek.ofFileContent(content);
        } catch (MalformedKekException e) {
            throw new KeyException(KeyException.Reason.MALFORMED_KEK, "[" + file + "]: " + e.getMessage(), e);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /** Whether group or others may read the file, where files have such permissions. */
    public static boolean isReadableByOthers(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS_READ::contains);
    }
}
