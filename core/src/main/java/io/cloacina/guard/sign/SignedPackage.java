// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A package that is signed now.
 *
 * @param path the file or directory as it was given
 * @param signature its hash, the key, the signature, and since when it is signed; null if that is of version 2
 * @param statement its hash, the key and what the key signed; null if that is of version 1
 * @param signatureFile where the detached signature is; null if none was wanted
 * @param stored whether the signature is in the trust store
 * @param unchanged whether it was wherever it is wanted before
 */
public record SignedPackage(
        Path path,
        @Nullable DetachedSignature signature,
        @Nullable StatementSignature statement,
        @Nullable Path signatureFile,
        boolean stored,
        boolean unchanged) {
    public SignedPackage {
        Objects.requireNonNull(path);
        if ((signature == null) == (statement == null)) {
            throw new IllegalArgumentException("a signature is either of version 1 or of version 2");
        }
    }

    /** Of version 1. */
    public SignedPackage(
            Path path, DetachedSignature signature, @Nullable Path signatureFile, boolean stored, boolean unchanged) {
        this(path, signature, null, signatureFile, stored, unchanged);
    }

    public PackageHash packageHash() {
        return signature == null ? Objects.requireNonNull(statement).packageHash() : signature.packageHash();
    }

    /** Of the key that has signed it. */
    public Fingerprint keyFingerprint() {
        return signature == null ? Objects.requireNonNull(statement).keyFingerprint() : signature.keyFingerprint();
    }

    /** @param wasThere whether the store had it before */
    public SignedPackage stored(boolean wasThere) {
        return new SignedPackage(path, signature, statement, signatureFile, true, unchanged && wasThere);
    }
}
