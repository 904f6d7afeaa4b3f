// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.monitor.LoadedPackages.Loaded;
import io.cloacina.guard.internal.monitor.LoadedPackages.TrustLoss;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LoadedPackagesTest {

    private static final Instant MORNING = Instant.parse("2026-01-28T06:00:00Z");
    private static final Instant NOON = Instant.parse("2026-01-28T12:00:00Z");
    private static final Instant EVENING = Instant.parse("2026-01-28T18:00:00Z");

    private final LoadedPackages loaded = new LoadedPackages(3);
    private final PackageHash hash = PackageHash.ofContent(new byte[] {1});
    private final Fingerprint signer = Fingerprint.of(new byte[32]);
    private final Fingerprint other = new Fingerprint("ab".repeat(32));

    private void add(String path, Fingerprint by, Instant now) {
        loaded.add(path, hash, by, "jar", null, null, now);
    }

    @Test
    void add_theSameAgain_isOnePackageWithFirstAndLastLoad() {
        add("/a.jar", signer, MORNING);
        add("/a.jar", signer, EVENING);

        Loaded one = loaded.of(signer).get(0);
        assertEquals(1, loaded.size());
        assertEquals(MORNING, one.first);
        assertEquals(EVENING, one.last);
        assertEquals(2, one.times);
    }

    @Test
    void add_otherPathContentOrSigner_isAnotherPackage() {
        add("/a.jar", signer, MORNING);
        add("/b.jar", signer, MORNING);
        add("/a.jar", other, MORNING);

        assertEquals(3, loaded.size());
        assertEquals(2, loaded.of(signer).size());
        assertEquals(Set.of(signer, other), new HashSet<>(loaded.signers()));
    }

    @Test
    void add_moreThanAreRemembered_forgetsWhatWasLoadedLongestAgo() {
        add("/a.jar", signer, MORNING);
        add("/b.jar", signer, MORNING);
        add("/c.jar", signer, MORNING);
        add("/a.jar", signer, NOON);
        add("/d.jar", signer, NOON);

        assertEquals(
                List.of("/c.jar", "/a.jar", "/d.jar"),
                loaded.all().stream().map(one -> one.path).toList());
        assertEquals(1, loaded.forgotten());
    }

    @Test
    void hasUnasked_afterEveryLoad_untilTheSignersWereTaken() {
        assertFalse(loaded.hasUnasked());
        add("/a.jar", signer, MORNING);
        assertTrue(loaded.hasUnasked());
        loaded.signers();
        assertFalse(loaded.hasUnasked());
        add("/a.jar", signer, NOON);
        assertTrue(loaded.hasUnasked());
    }

    @Test
    void isToBeTold_theSameLoss_isToldOnce_andAgainOnlyIfTrustWasThereInBetween() {
        add("/a.jar", signer, MORNING);
        Loaded one = loaded.of(signer).get(0);
        UUID org = UUID.randomUUID();
        TrustLoss first = new TrustLoss(TrustLoss.KEY_REVOKED, org, NOON, "gone");

        assertTrue(loaded.mustBeNotified(one, first));
        loaded.notified(one, first);
        assertFalse(loaded.mustBeNotified(one, new TrustLoss(TrustLoss.KEY_REVOKED, org, NOON, "gone")));
        assertFalse(loaded.mustBeNotified(
                one, new TrustLoss(TrustLoss.KEY_REVOKED, UUID.randomUUID(), EVENING, "also there")));
        assertFalse(loaded.mustBeNotified(one, new TrustLoss(TrustLoss.GRANT_REVOKED, org, EVENING, "also the grant")));
        assertFalse(loaded.mustBeNotified(one, new TrustLoss(TrustLoss.TRUST_REMOVED, null, null, "and the row")));
        assertTrue(loaded.mustBeNotified(
                one, new TrustLoss(TrustLoss.KEY_REVOKED, org, EVENING, "trusted and revoked again")));
        loaded.notified(one, null);
        assertTrue(loaded.mustBeNotified(one, first));
    }
}
