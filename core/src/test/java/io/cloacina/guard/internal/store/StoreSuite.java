// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every store does with rows, threads and changes, whatever the database: run on real ones by the subclasses. */
abstract class StoreSuite extends StoreFixture {

    @Test
    void rows_writtenAndRead_areTheSame() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        SealedKey signingKey = Samples.signingKey(org, "name 'quoted' \"twice\" \ud83d\udd11");
        TrustedKey trusted = new TrustedKey(
                UUID.randomUUID(),
                org,
                key.publicKey().fingerprint(),
                key.publicKey().raw(),
                null,
                Samples.NOON,
                null);
        TrustGrant grant = Samples.grant(org, child);
        PackageSignature signature = new PackageSignature(
                UUID.randomUUID(), hash, key.publicKey().fingerprint(), new byte[64], Samples.NOON, org);

        assertTrue(store.signingKeys().add(signingKey, Samples.ANY_KEK));
        assertTrue(store.trustedKeys().add(trusted));
        assertTrue(store.grants().add(grant));
        assertTrue(store.signatures().add(signature));

        SealedKey readKey = store.signingKeys().sealed(signingKey.key().id()).orElseThrow();
        assertArrayEquals(signingKey.sealed(), readKey.sealed());
        assertEquals(signingKey.key().name(), readKey.key().name());
        assertEquals(Samples.NOON, readKey.key().createdAt());
        assertEquals(org, readKey.key().orgId());
        assertArrayEquals(signingKey.key().publicKey(), readKey.key().publicKey());
        TrustedKey readTrusted =
                store.trustedKeys().find(org, trusted.fingerprint()).orElseThrow();
        assertEquals(trusted.id(), readTrusted.id());
        assertEquals(null, readTrusted.name());
        assertEquals(Samples.NOON, readTrusted.trustedAt());
        assertEquals(Optional.of(grant), store.grants().find(org, child));
        assertEquals(List.of(grant), store.grants().of(org));
        PackageSignature readSignature = store.signatures().of(hash).get(0);
        assertEquals(signature.id(), readSignature.id());
        assertEquals(org, readSignature.orgId());
        assertEquals(Samples.NOON, readSignature.signedAt());
        assertArrayEquals(signature.signature(), readSignature.signature());
    }

    @Test
    void signatures_addedInOneGo_areThereButForThoseThatWere() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        PackageSignature present = Samples.signature(hash, key);
        PackageSignature again = Samples.signature(hash, key);
        PackageHash otherHash = PackageHash.ofContent(new byte[] {1, 2, 3});
        PackageSignature other = Samples.signature(otherHash, key);
        assertTrue(store.signatures().add(present));

        assertEquals(List.of(), store.signatures().addAll(List.of()));
        assertEquals(List.of(again), store.signatures().addAll(List.of(again, other)));
        assertEquals(present.id(), store.signatures().of(hash).get(0).id());
        assertEquals(other.id(), store.signatures().of(otherHash).get(0).id());
        assertEquals(List.of(again, other), store.signatures().addAll(List.of(again, other)));
    }

    @Test
    void rows_addedAgain_stayAsTheyAre() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        PackageSignature first = Samples.signature(hash, key);
        PackageSignature other = new PackageSignature(
                UUID.randomUUID(), hash, first.keyFingerprint(), new byte[64], Samples.NOON.plusSeconds(9), org);
        SealedKey signingKey = Samples.signingKey(org, "name");
        assertTrue(store.signatures().add(first));
        assertTrue(store.signingKeys().add(signingKey, Samples.ANY_KEK));

        assertFalse(store.signatures().add(other));
        assertFalse(store.signingKeys().add(Samples.signingKey(org, "name"), Samples.ANY_KEK));
        assertArrayEquals(first.signature(), store.signatures().of(hash).get(0).signature());
        assertEquals(
                List.of(signingKey.key().id()),
                store.signingKeys().of(org).stream().map(SigningKey::id).toList());

        assertTrue(store.signatures().replace(other));
        assertArrayEquals(other.signature(), store.signatures().of(hash).get(0).signature());
        assertFalse(store.signingKeys().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.grants().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.grants().reinstate(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.trustedKeys().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.trustedKeys().replace(Samples.trust(org, key.publicKey())));
    }

    @Test
    void times_betweenTwoZones_areTheSameMoment() throws Exception {
        TimeZone before = TimeZone.getDefault();
        // In Apia a whole day is missing in 2011; in Saint John's this half hour came twice.
        List<Instant> moments = List.of(
                Samples.NOON,
                Instant.parse("2011-12-30T12:00:00Z"),
                Instant.parse("2025-11-02T04:15:00.000001Z"),
                Instant.parse("1969-12-31T23:59:59.999999Z"));
        List<TrustGrant> grants = moments.stream()
                .map(moment -> new TrustGrant(UUID.randomUUID(), org, UUID.randomUUID(), moment, moment))
                .toList();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Apia"));
            for (TrustGrant grant : grants) {
                store.grants().add(grant);
            }
            TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
            JdbiStore elsewhere = keep(JdbiStore.openForKeys(url, TIMEOUT));
            for (TrustGrant grant : grants) {
                assertEquals(Optional.of(grant), elsewhere.grants().find(org, grant.childOrgId()));
            }
        } finally {
            TimeZone.setDefault(before);
        }
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT CAST(granted_at AS VARCHAR(40)) FROM key_trust_acls ORDER BY granted_at DESC LIMIT 1")) {
            assertTrue(row.next());
            String text = row.getString(1);
            assertEquals(
                    url.dialect() == Dialect.POSTGRESQL
                            ? "2026-01-28 12:00:00.123456"
                            : "2026-01-28T12:00:00.123456+00:00",
                    text);
        }
    }

    @Test
    void times_finerThanMicroseconds_areCutOff() throws Exception {
        TrustGrant grant =
                new TrustGrant(UUID.randomUUID(), org, child, Instant.parse("2026-01-28T12:00:00.123456999Z"), null);
        store.grants().add(grant);

        assertEquals(Samples.NOON, store.grants().find(org, child).orElseThrow().grantedAt());
    }

    @Test
    void ask_onAnInterruptedThread_answersAndKeepsTheInterrupt() throws Exception {
        Thread.currentThread().interrupt();
        try {
            assertInstanceOf(SignerTrust.Unknown.class, trustIn(Samples.publicKey()));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void ask_afterClose_isUnavailable() throws Exception {
        JdbiStore verifier = verifier();
        verifier.ask(new Question(org, hash, true, List.of()));
        verifier.close();

        assertSays("the store was closed", () -> verifier.ask(new Question(org, hash, true, List.of())));
    }

    @Test
    void change_onAStoreForVerification_isAProgrammingError() {
        assertThrows(IllegalStateException.class, () -> verifier().grants().add(Samples.grant(org, child)));
    }

    @Test
    void reseal_thatFails_leavesEverySealAsItWas() throws Exception {
        for (int i = 0; i < 5; i++) {
            store.signingKeys().add(Samples.signingKey(org, "key " + i), Samples.ANY_KEK);
        }
        int[] calls = {0};

        assertThrows(
                IOException.class,
                () -> store.signingKeys()
                        .<IOException>reseal(
                                row -> {
                                    if (++calls[0] == 4) {
                                        throw new IOException("the disk with the keys is gone");
                                    }
                                    return new byte[] {1};
                                },
                                "other"));

        for (SigningKey key : store.signingKeys().of(org)) {
            assertEquals(60, store.signingKeys().sealed(key.id()).orElseThrow().sealed().length);
        }
        assertEquals(5, store.signingKeys().<RuntimeException>reseal(row -> new byte[] {1}, "other"));
    }

    @Test
    void ask_fromManyThreads_answersAll() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(org, key));
        JdbiStore verifier = verifier();
        ExecutorService threads = Executors.newFixedThreadPool(24);
        try {
            List<Future<SignerTrust>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(threads.submit(() -> verifier.ask(new Question(org, hash, true, List.of(key.fingerprint())))
                        .trustIn(key.fingerprint())));
            }
            for (Future<SignerTrust> answer : answers) {
                assertInstanceOf(SignerTrust.Trusted.class, answer.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
