// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whom every store says that an organisation trusts: run on real databases by the subclasses. */
abstract class StoreTrustSuite extends StoreFixture {

    @Test
    void ask_keyNobodyKnows_isUnknown() throws Exception {
        assertInstanceOf(SignerTrust.Unknown.class, trustIn(Samples.publicKey()));
    }

    @Test
    void ask_keyTrustedDirectly_isTrustedByTheOrganisation() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(org, key));

        assertEquals(new SignerTrust.Trusted(key, "a key", org), trustIn(key));
    }

    @Test
    void ask_keyTrustedByAnotherOrganisation_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_keyTrustedThroughGrant_isTrustedByTheChild() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));

        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_grantInTheOtherDirection_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(child, org));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantRevoked_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustGrant grant = Samples.grant(org, child);
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(grant);
        store.grants().revoke(grant.id(), Samples.NOON);

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantOfGrant_isNotTransitive() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        UUID grandchild = UUID.randomUUID();
        store.trustedKeys().add(Samples.trust(grandchild, key));
        store.grants().add(Samples.grant(org, child));
        store.grants().add(Samples.grant(child, grandchild));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantsInACircle_areHarmless() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.grants().add(Samples.grant(child, org));
        store.grants().add(Samples.grant(org, org));

        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_ownTrustAndInherited_namesTheOrganisationItself() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.trustedKeys().add(Samples.trust(org, key));

        assertEquals(new SignerTrust.Trusted(key, "a key", org), trustIn(key));
    }

    @Test
    void ask_ownRevocation_winsOverInheritedTrust() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey own = Samples.trust(org, key);
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.trustedKeys().add(own);
        store.trustedKeys().revoke(own.id(), Samples.NOON.plusSeconds(60));

        assertEquals(new SignerTrust.Revoked("a key", org, Samples.NOON.plusSeconds(60)), trustIn(key));
    }

    @Test
    void ask_inheritedRevocation_isToldUnlessAnotherChildTrusts() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey inherited = Samples.trust(child, key);
        store.trustedKeys().add(inherited);
        store.trustedKeys().revoke(inherited.id(), Samples.NOON);
        store.grants().add(Samples.grant(org, child));
        assertEquals(new SignerTrust.Revoked("a key", child, Samples.NOON), trustIn(key));

        UUID other = UUID.randomUUID();
        store.trustedKeys().add(Samples.trust(other, key));
        store.grants().add(Samples.grant(org, other));
        assertEquals(new SignerTrust.Trusted(key, "a key", other), trustIn(key));
    }

    @Test
    void ask_publicKeyOfAnotherFingerprint_doesNotCount() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey row = Samples.trust(org, key);
        store.trustedKeys()
                .add(new TrustedKey(
                        row.id(), org, row.fingerprint(), Samples.publicKey().raw(), null, row.trustedAt(), null));
        assertInstanceOf(SignerTrust.Unusable.class, trustIn(key));

        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_weakOrShortPublicKey_doesNotCount() throws Exception {
        for (byte[] raw : List.of(new byte[32], new byte[31], new byte[0])) {
            Fingerprint fingerprint =
                    raw.length == 32 ? Fingerprint.of(raw) : Samples.publicKey().fingerprint();
            store.trustedKeys().add(new TrustedKey(UUID.randomUUID(), org, fingerprint, raw, null, Samples.NOON, null));

            Answer answer = verifier().ask(new Question(org, hash, false, List.of(fingerprint)));

            assertInstanceOf(SignerTrust.Unusable.class, answer.trustIn(fingerprint));
        }
    }

    @Test
    void ask_storedSignatures_comeOldestFirstWithTheirSigners() throws Exception {
        Ed25519PrivateKey trusted = Samples.privateKey();
        Ed25519PrivateKey stranger = Samples.privateKey();
        PackageSignature second = Samples.signature(hash, trusted);
        PackageSignature first = new PackageSignature(
                UUID.randomUUID(),
                hash,
                stranger.publicKey().fingerprint(),
                new byte[] {1, 2, 3},
                Samples.NOON.minusSeconds(1),
                org);
        store.signatures().add(second);
        store.signatures().add(first);
        store.trustedKeys().add(Samples.trust(org, trusted.publicKey()));

        Answer answer = verifier().ask(new Question(org, hash, true, List.of()));

        assertEquals(2, answer.signatures().size());
        assertEquals(first.keyFingerprint(), answer.signatures().get(0).keyFingerprint());
        assertArrayEquals(first.signature(), answer.signatures().get(0).signature());
        assertArrayEquals(second.signature(), answer.signatures().get(1).signature());
        assertInstanceOf(SignerTrust.Trusted.class, answer.trustIn(second.keyFingerprint()));
        assertInstanceOf(SignerTrust.Unknown.class, answer.trustIn(first.keyFingerprint()));
        assertTrue(verifier()
                .ask(new Question(org, hash, false, List.of()))
                .signatures()
                .isEmpty());
    }

    @Test
    void ask_revocationCommittedByAnotherConnection_isSeenByTheNextQuestion() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey row = Samples.trust(org, key);
        JdbiStore verifier = verifier();
        Question question = new Question(org, hash, true, List.of(key.fingerprint()));
        for (int round = 0; round < 20; round++) {
            store.trustedKeys().add(row);
            store.trustedKeys().replace(row);
            assertInstanceOf(SignerTrust.Trusted.class, verifier.ask(question).trustIn(key.fingerprint()));
            store.trustedKeys().revoke(row.id(), Samples.NOON);
            assertInstanceOf(SignerTrust.Revoked.class, verifier.ask(question).trustIn(key.fingerprint()));
        }
    }

    @Test
    void ask_manyGrantsAndOneKeyInAllOfThem_isTrustedByTheFirst() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        for (int i = 0; i < 50; i++) {
            UUID other = UUID.randomUUID();
            store.grants().add(Samples.grant(org, other));
            store.trustedKeys()
                    .add(new TrustedKey(
                            UUID.randomUUID(),
                            other,
                            key.fingerprint(),
                            key.raw(),
                            "n" + i,
                            Samples.NOON.plusSeconds(i),
                            null));
        }

        assertEquals(
                "n0", assertInstanceOf(SignerTrust.Trusted.class, trustIn(key)).name());
    }
}
