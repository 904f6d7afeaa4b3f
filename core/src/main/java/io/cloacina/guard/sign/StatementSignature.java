// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.DsseEnvelope;
import java.time.Instant;
import java.util.Objects;

/**
 * A signature of version 2 of one package by one key.
 *
 * @param envelope the statement, with the signature of this key alone
 * @param signedAt when the key signed, or would have signed, had it not signed before
 */
public record StatementSignature(
        PackageHash packageHash, Fingerprint keyFingerprint, DsseEnvelope envelope, Instant signedAt) {
    public StatementSignature {
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(envelope);
        Objects.requireNonNull(signedAt);
    }
}
