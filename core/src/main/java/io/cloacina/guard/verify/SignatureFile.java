// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Reads {@code .sig} files, and tells their versions apart. */
public final class SignatureFile {

    /** How this program begins a file of version 1. */
    private static final byte[] VERSION_1 = "{\"version\":1,".getBytes(StandardCharsets.US_ASCII);

    private SignatureFile() {}

    /**
     * @return the content, cut off one byte behind the most that any version may have; empty if there is no such file
     * @throws MalformedSignatureException if the file is there but cannot be read
     */
    public static Optional<byte[]> read(Path file) throws MalformedSignatureException {
        return read(file, DsseEnvelope.MAX_SIZE_BYTES);
    }

    static Optional<byte[]> read(Path file, int maxBytes) throws MalformedSignatureException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(file)) {
            throw new MalformedSignatureException("[" + file + "] is not a regular file");
        }
        // Not a FileChannel: one of those is closed under the hands of an interrupted thread.
        try (InputStream in = new FileInputStream(file.toFile())) {
            return Optional.of(in.readNBytes(maxBytes + 1));
        } catch (FileNotFoundException e) {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            throw new MalformedSignatureException("[" + file + "] cannot be read", e);
        } catch (IOException e) {
            throw new MalformedSignatureException("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Whether it is meant as a signature of version 2 ({@link SignedStatement}), right or wrong: an object with a field of
     * an envelope and no {@code version}. Else it is one of version 1 ({@link DetachedSignature}), or nothing.
     */
    public static boolean isVersion2(byte[] content) {
        boolean isVersion1 = content.length >= VERSION_1.length
                && Arrays.equals(content, 0, VERSION_1.length, VERSION_1, 0, VERSION_1.length);
        // In a first load, what reads JSON costs more than all the rest.
        return !isVersion1 && SignatureJson.isEnvelope(content);
    }
}
