// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.MalformedKeyException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.text.GivenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads the keys that {@code cloacina.trusted_keys} names: PEM files, and directories whose {@code *.pem} are all
 * meant.
 */
public final class TrustedKeyFiles {

    /** A key in PEM has some hundred; what stands before and behind it may be longer. */
    private static final int LARGEST_BYTES = 64 << 10;

    private TrustedKeyFiles() {}

    /** @throws ConfigException if any of them is missing, empty, or not a usable public key */
    public static List<Ed25519PublicKey> read(List<Path> paths) throws ConfigException {
        List<Ed25519PublicKey> keys = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                keys.addAll(readDirectory(path));
            } else {
                keys.add(readFile(path));
            }
        }
        return keys;
    }

    private static List<Ed25519PublicKey> readDirectory(Path directory) throws ConfigException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(file -> file.toString().endsWith(".pem"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ConfigException("[cloacina.trusted_keys]: directory [" + directory + "] cannot be read", e);
        }
        if (files.isEmpty()) {
            throw new ConfigException("[cloacina.trusted_keys]: directory [" + directory + "] has no file *.pem");
        }
        return read(files);
    }

    private static Ed25519PublicKey readFile(Path file) throws ConfigException {
        try {
            return Pem.readPublicKey(GivenFile.read(file, LARGEST_BYTES));
        } catch (IOException e) {
            throw new ConfigException(
                    "[cloacina.trusted_keys]: [" + file + "] "
                            + (!Files.exists(file)
                                    ? "is not there"
                                    : Files.isRegularFile(file)
                                            ? "cannot be read"
                                            : "is a pipe, a device or a socket; a PEM file is wanted"),
                    e);
        } catch (MalformedKeyException | RejectedKeyException e) {
            throw new ConfigException("[cloacina.trusted_keys]: [" + file + "]: " + e.getMessage(), e);
        }
    }
}
