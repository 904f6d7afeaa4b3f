// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Kind;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.sign.TrustEntry.Standing;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The life of trust in keys and organisations, on a real database of each kind. */
abstract class TrustManagerSuite extends KeyManagerFixture {

    @Test
    void trust_sameKeyTwice_changesNothing() throws Exception {
        Ed25519PublicKey key = newPublicKey();

        Change<TrustedKey> first = trust.trustPublicKey(org, key, "one", false);
        Change<TrustedKey> second =
                trust.trustPublicKeyPem(org, Pem.write(key).getBytes(StandardCharsets.US_ASCII), "two", false);

        assertTrue(first.changed());
        assertFalse(second.changed());
        assertEquals(first.row().id(), second.row().id());
        assertEquals("one", second.row().name());
        assertEquals(first.row().trustedAt(), second.row().trustedAt());
    }

    @Test
    void trust_weakOrMalformedKey_isRefused() {
        refused(Reason.WEAK_KEY, Kind.REFUSED, () -> trust.trustPublicKey(org, new byte[32], null, false));
        refused(Reason.MALFORMED_KEY, Kind.ASKED_WRONGLY, () -> trust.trustPublicKey(org, new byte[31], null, false));
        refused(
                Reason.MALFORMED_KEY,
                Kind.ASKED_WRONGLY,
                () -> trust.trustPublicKeyPem(org, new byte[31], null, false));
        refused(Reason.BAD_NAME, Kind.ASKED_WRONGLY, () -> trust.trustPublicKey(org, newPublicKey(), "\u0007", false));
    }

    @Test
    void trust_revokedKey_comesBackOnlyOnDemand() throws Exception {
        Ed25519PublicKey key = newPublicKey();
        trust.trustPublicKey(org, key, "release", false);
        Change<TrustedKey> revoked = trust.revokeTrustedKey(org, "release");
        assertTrue(revoked.changed());
        assertFalse(trust.revokeTrustedKey(org, "release").changed());

        KeyException e = refused(Reason.TRUST_REVOKED, Kind.REFUSED, () -> trust.trustPublicKey(org, key, null, false));
        assertEquals(Optional.of(revoked.row().revokedAt()), e.since());
        assertInstanceOf(SignerTrust.Revoked.class, trustIn(org, key));

        Change<TrustedKey> back = trust.trustPublicKey(org, key, null, true);
        assertTrue(back.changed());
        assertEquals("release", back.row().name());
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, key));
    }

    @Test
    void trust_rowWithAnotherPublicKey_isMended() throws Exception {
        Ed25519PublicKey key = newPublicKey();
        store.trustedKeys()
                .add(new TrustedKey(
                        UUID.randomUUID(),
                        org,
                        key.fingerprint(),
                        newPublicKey().raw(),
                        "odd",
                        START,
                        null));
        assertEquals(
                List.of(Standing.UNUSABLE),
                trust.trustedKeys(org, true).stream().map(TrustEntry::standing).toList());
        assertTrue(trust.trustedKeys(org, false).isEmpty());

        assertTrue(trust.trustPublicKey(org, key, null, false).changed());

        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, key));
    }

    @Test
    void trustSigningKey_withoutName_takesOverTheName() throws Exception {
        SigningKey key = manager.createSigningKey(org, "release", kek, BOUND);

        TrustedKey trusted = trust.trustSigningKey(org, "release", null, false).row();

        assertEquals("release", trusted.name());
        assertEquals(key.fingerprint(), trusted.fingerprint());
    }

    @Test
    void list_directAndInherited_tellWhereFrom() throws Exception {
        Ed25519PublicKey own = newPublicKey();
        Ed25519PublicKey theirs = newPublicKey();
        Ed25519PublicKey overruled = newPublicKey();
        trust.trustPublicKey(org, own, "own", false);
        trust.trustPublicKey(child, theirs, "theirs", false);
        trust.trustPublicKey(child, overruled, "overruled", false);
        trust.grantTrust(org, child, false);
        trust.trustPublicKey(org, overruled, "no more", false);
        trust.revokeTrustedKey(org, "no more");

        List<TrustEntry> active = trust.trustedKeys(org, false);
        List<TrustEntry> all = trust.trustedKeys(org, true);

        assertEquals(
                List.of("own", "theirs"),
                active.stream().map(e -> e.key().name()).toList());
        assertEquals(
                List.of(org, child), active.stream().map(e -> e.key().orgId()).toList());
        assertEquals(
                List.of(Standing.DIRECT, Standing.REVOKED, Standing.INHERITED, Standing.OVERRULED),
                all.stream().map(TrustEntry::standing).toList());
        assertEquals(
                1,
                trust.trustedKeys(child, false).stream()
                        .filter(e -> e.key().name().equals("theirs"))
                        .count());
    }

    @Test
    void revoke_inheritedKey_isRevokedForTheOrganisationAlone() throws Exception {
        Ed25519PublicKey key = newPublicKey();
        trust.trustPublicKey(child, key, "theirs", false);
        trust.grantTrust(org, child, false);

        assertTrue(trust.revokeTrustedKey(org, "theirs").changed());

        assertInstanceOf(SignerTrust.Revoked.class, trustIn(org, key));
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(child, key));
        assertFalse(trust.revokeTrustedKey(org, "theirs").changed());
    }

    @Test
    void revoke_everywhere_endsTrustInAllOrganisations() throws Exception {
        Ed25519PublicKey key = newPublicKey();
        trust.trustPublicKey(org, key, "mine", false);
        trust.trustPublicKey(child, key, "theirs", false);

        List<TrustedKey> changed = trust.revokeTrustedKeyEverywhere(org, "mine");

        assertEquals(2, changed.size());
        assertTrue(changed.stream().allMatch(TrustedKey::isRevoked));
        assertInstanceOf(SignerTrust.Revoked.class, trustIn(child, key));
        assertTrue(
                trust.revokeTrustedKeyEverywhere(org, key.fingerprint().hex()).isEmpty());
        refused(
                Reason.UNKNOWN_KEY,
                Kind.ASKED_WRONGLY,
                () -> trust.revokeTrustedKeyEverywhere(
                        org, newPublicKey().fingerprint().hex()));
    }

    @Test
    void revoke_unknownKey_isAskedWrongly() {
        refused(Reason.UNKNOWN_KEY, Kind.ASKED_WRONGLY, () -> trust.revokeTrustedKey(org, "nobody"));
    }

    @Test
    void revoke_nameOfTwoKeys_namesTheCandidates() throws Exception {
        trust.trustPublicKey(org, newPublicKey(), "same", false);
        trust.trustPublicKey(org, newPublicKey(), "same", false);

        KeyException e = refused(Reason.AMBIGUOUS_KEY, Kind.ASKED_WRONGLY, () -> trust.revokeTrustedKey(org, "same"));

        assertEquals(2, e.candidates().size());
    }

    @Test
    void grant_twice_changesNothing() throws Exception {
        Change<TrustGrant> first = trust.grantTrust(org, child, false);
        Change<TrustGrant> second = trust.grantTrust(org, child, false);

        assertTrue(first.changed());
        assertFalse(second.changed());
        assertEquals(first.row(), second.row());
    }

    @Test
    void ungrant_grant_comesBackOnlyOnDemand() throws Exception {
        Ed25519PublicKey key = newPublicKey();
        trust.trustPublicKey(child, key, null, false);
        refused(Reason.NOT_GRANTED, Kind.REFUSED, () -> trust.revokeGrant(org, child));
        trust.grantTrust(org, child, false);

        TrustGrant revoked = trust.revokeGrant(org, child);
        assertTrue(revoked.isRevoked());
        assertInstanceOf(SignerTrust.Unknown.class, trustIn(org, key));
        refused(Reason.NOT_GRANTED, Kind.REFUSED, () -> trust.revokeGrant(org, child));
        KeyException e = refused(Reason.GRANT_REVOKED, Kind.REFUSED, () -> trust.grantTrust(org, child, false));
        assertEquals(Optional.of(revoked.revokedAt()), e.since());
        assertTrue(trust.grants(org, false).isEmpty());
        assertEquals(List.of(revoked), trust.grants(org, true));

        Change<TrustGrant> back = trust.grantTrust(org, child, true);
        assertTrue(back.changed());
        assertFalse(back.row().isRevoked());
        assertNotEquals(revoked.grantedAt(), back.row().grantedAt());
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, key));
    }
}
