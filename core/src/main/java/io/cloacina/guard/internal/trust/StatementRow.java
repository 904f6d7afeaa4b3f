// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * A stored signature of version 2.
 *
 * @param packageHash one of those that the statement is about
 * @param keyFingerprint one of those that signed it
 * @param envelope the DSSE envelope
 * @param orgId whose key it is; null if not known. Never a condition: trust comes from the key
 */
public record StatementRow(
        UUID id, PackageHash packageHash, Fingerprint keyFingerprint, byte[] envelope, Instant signedAt, UUID orgId) {
    public StatementRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(signedAt);
        envelope = envelope.clone();
    }

    @Override
    public byte[] envelope() {
        return envelope.clone();
    }
}
