// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.SignatureFile;
import io.cloacina.guard.verify.SignedStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The {@code .sig} files of a signer: which are there, and whether they may be overwritten. Safe for use by many threads. */
final class SignatureFiles {

    private final boolean force;
    /** Directories without files that a killed process has left. */
    private final Set<Path> cleaned = ConcurrentHashMap.newKeySet();

    /** @param force whether files that are not of this program may be overwritten */
    SignatureFiles(boolean force) {
        this.force = force;
    }

    /**
     * What is in a file that this program can read.
     *
     * @param version1 null if it is of version 2
     * @param version2 null if it is of version 1
     */
    record Present(
            @Nullable DetachedSignature version1, @Nullable SignedStatement version2) {}

    /** @throws SigningException {@code FOREIGN_SIGNATURE} if there is a file that must not be overwritten */
    Optional<Present> present(Path file) throws SigningException {
        try {
            Optional<byte[]> content = SignatureFile.read(file);
            if (content.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(
                    SignatureFile.isVersion2(content.get())
                            ? new Present(null, SignedStatement.parse(content.get()))
                            : new Present(DetachedSignature.parse(content.get()), null));
        } catch (MalformedSignatureException e) {
            if (force || Files.isDirectory(file)) {
                // Of a directory, writing says what is wrong.
                return Optional.empty();
            }
            throw new SigningException(
                    Reason.FOREIGN_SIGNATURE,
                    ForeignSignature.problem(file)
                            + ". It was left as it is, and the package was not signed;"
                            + " --force overwrites it",
                    e);
        }
    }

    /** All but putting it in its place. */
    AtomicFile write(Path file, byte[] content) throws SigningException {
        try {
            AtomicFile.removeLeftovers(file.toAbsolutePath().getParent(), cleaned);
            return AtomicFile.prepare(file, content);
        } catch (IOException e) {
            throw new SigningException(
                    Reason.UNWRITABLE_SIGNATURE, "[" + file + "] cannot be written: " + PackageReader.reason(e), e);
        }
    }
}
