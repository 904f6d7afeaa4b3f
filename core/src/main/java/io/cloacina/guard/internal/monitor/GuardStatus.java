// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a guard is doing. A picture of one moment, without any secret.
 *
 * @param mode {@code enforcing} or {@code audit}
 * @param organisation whose trust counts, or null
 * @param store the trust store's address without its password, or null
 * @param storeState {@code none}, {@code not asked yet}, {@code answering}, or since when it does not answer and why
 * @param revocationWatch {@code off}, {@code idle} (nothing was loaded yet), {@code watching}, or since when it cannot
 * @param started when the guard was opened
 * @param counts how many decisions had which outcome, by the names of {@code guard.stopped}
 * @param lastRefusals the latest, the newest first; at most {@value #MOST_REFUSALS}
 * @param loaded what was loaded because its signer was trusted, loaded longest ago first; at most 10,000
 * @param forgotten how many more of those there were
 */
public record GuardStatus(
        String mode,
        @Nullable String organisation,
        @Nullable String store,
        String storeState,
        String revocationWatch,
        Instant started,
        String configurationDigest,
        Map<String, Long> counts,
        List<Refused> lastRefusals,
        List<LoadedPackage> loaded,
        long forgotten) {

    /** How many refusals are kept. */
    public static final int MOST_REFUSALS = 50;

    public GuardStatus {
        counts = Map.copyOf(counts);
        lastRefusals = List.copyOf(lastRefusals);
        loaded = List.copyOf(loaded);
    }

    /**
     * A load that was refused.
     *
     * @param reason the {@code failure_reason} of its event
     * @param error as in its event
     */
    public record Refused(Instant at, String packagePath, String reason, String error) {}

    /**
     * A package that was loaded because its signer was trusted.
     *
     * @param revoked how trust in the signer went since, in a sentence; null as far as is known it did not
     */
    public record LoadedPackage(
            String packagePath,
            String packageHash,
            String signerFingerprint,
            String kind,
            Instant loadedAt,
            Instant lastLoadedAt,
            long loads,
            @Nullable String revoked) {}
}
