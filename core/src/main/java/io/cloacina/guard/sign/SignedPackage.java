// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.DsseEnvelope;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;

/**
 * A package that is signed now.
 *
 * @param path the file or directory as it was given
 * @param keyFingerprint of the key that has signed it
 * @param signature the signature, and since when it is signed; null if it is of version 2
 * @param envelope the statement and this key's signature alone; null if it is of version 1
 * @param signedAt of an envelope: when this key signed, or would have signed, had it not signed before
 * @param signatureFile where the detached signature is; null if none was wanted
 * @param stored whether the signature is in the trust store
 * @param unchanged whether it was wherever it is wanted before
 */
public record SignedPackage(
        Path path,
        PackageHash packageHash,
        Fingerprint keyFingerprint,
        DetachedSignature signature,
        DsseEnvelope envelope,
        Instant signedAt,
        Path signatureFile,
        boolean stored,
        boolean unchanged) {
    public SignedPackage {
        Objects.requireNonNull(path);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(signedAt);
        if ((signature == null) == (envelope == null)) {
            throw new IllegalArgumentException("a signature is either of version 1 or of version 2");
        }
    }

    /** Of version 1. */
    public SignedPackage(
            Path path, DetachedSignature signature, Path signatureFile, boolean stored, boolean unchanged) {
        this(
                path,
                signature.packageHash(),
                signature.keyFingerprint(),
                signature,
                null,
                signature.signedAt(),
                signatureFile,
                stored,
                unchanged);
    }

    /** @param wasThere whether the store had it before */
    SignedPackage stored(boolean wasThere) {
        return new SignedPackage(
                path,
                packageHash,
                keyFingerprint,
                signature,
                envelope,
                signedAt,
                signatureFile,
                true,
                unchanged && wasThere);
    }
}
