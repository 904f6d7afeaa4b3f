// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A stored signature of version 2.
 *
 * @param packageHash one of those that the statement is about
 * @param keyFingerprint one of those that signed it
 * @param envelope the DSSE envelope
 * @param orgId whose key it is; null if not known. Never a condition: trust comes from the key
 * @param packageName that the statement gives the package, for its floor to be found by an index; null if not known, and
 *     then every floor is looked at
 */
public record StatementRow(
        UUID id,
        PackageHash packageHash,
        Fingerprint keyFingerprint,
        byte[] envelope,
        Instant signedAt,
        @Nullable UUID orgId,
        @Nullable String packageName) {
    public StatementRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(signedAt);
        envelope = envelope.clone();
    }

    /** Without the name of the package. */
    public StatementRow(
            UUID id,
            PackageHash packageHash,
            Fingerprint keyFingerprint,
            byte[] envelope,
            Instant signedAt,
            UUID orgId) {
        this(id, packageHash, keyFingerprint, envelope, signedAt, orgId, null);
    }

    @Override
    public byte[] envelope() {
        return envelope.clone();
    }
}
