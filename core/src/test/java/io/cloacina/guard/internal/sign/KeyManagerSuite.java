// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.store.Fork;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Kind;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.SigningKey;
import java.io.BufferedReader;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of signing keys, on a real database of each kind. */
abstract class KeyManagerSuite extends KeyManagerFixture {

    @ParameterizedTest
    @EnumSource
    void create_newKey_isListedAndSigns(KeySealer.Form form) throws Exception {
        SigningKey made = manager.createSigningKey(org, "release \"v1\"; DROP TABLE signing_keys", kek, form);

        SigningKey listed = manager.signingKeys(org).get(0);
        assertEquals(made.id(), listed.id());
        assertEquals(made.name(), listed.name());
        assertEquals(made.createdAt(), listed.createdAt());
        assertEquals(Instant.parse("2026-03-01T08:31:00.123456Z"), listed.createdAt());
        try (Ed25519PrivateKey key = manager.openSigningKey(org, made.name(), kek)) {
            assertEquals(made.fingerprint(), key.publicKey().fingerprint());
        }
        assertEquals(
                form,
                KeySealer.formOf(
                        store.signingKeys().sealed(made.id()).orElseThrow().sealed()));
        assertTrue(manager.signingKeys(child).isEmpty());
    }

    @Test
    void create_nameTaken_isRefusedAlsoWhenRevoked() throws Exception {
        manager.createSigningKey(org, "release", kek, BOUND);
        manager.revokeSigningKey(org, "release");

        refused(Reason.NAME_TAKEN, Kind.REFUSED, () -> manager.createSigningKey(org, "release", kek, BOUND));
        manager.createSigningKey(child, "release", kek, BOUND);
        manager.createSigningKey(org, "Release", kek, BOUND);
    }

    @Test
    void create_badName_isAskedWrongly() throws Exception {
        for (String name : List.of("", "n".repeat(256), "two\nlines", "\u0000", "\u2028", "\ud800")) {
            refused(Reason.BAD_NAME, Kind.ASKED_WRONGLY, () -> manager.createSigningKey(org, name, kek, BOUND));
        }
        assertEquals(
                "\ud83d\udd11".repeat(255),
                manager.createSigningKey(org, "\ud83d\udd11".repeat(255), kek, BOUND)
                        .name());
    }

    @Test
    void importAndExport_pem_isTheSameKey() throws Exception {
        Ed25519PrivateKey key = Ed25519PrivateKey.generate(random);
        byte[] pem = Pem.exposePrivateKey(key);

        SigningKey row = manager.importSigningKey(org, "imported", pem, kek, BOUND);

        assertEquals(key.publicKey().fingerprint(), row.fingerprint());
        assertEquals(
                Pem.write(key.publicKey()),
                manager.exportPublicKey(org, "imported").pem());
        assertArrayEquals(pem, Pem.exposePrivateKey(manager.exportPrivateKey(org, "imported", kek)));
        refused(
                Reason.MALFORMED_KEY,
                Kind.ASKED_WRONGLY,
                () -> manager.importSigningKey(org, "x", new byte[] {1}, kek, BOUND));
    }

    @Test
    void open_withAnotherKek_isAskedWrongly() throws Exception {
        manager.createSigningKey(org, "release", kek, BOUND);
        Kek other = Kek.of(random.generateSeed(32));

        refused(Reason.WRONG_KEK, Kind.ASKED_WRONGLY, () -> manager.openSigningKey(org, "release", other));
    }

    @Test
    void revoke_signingKey_signsNoMoreAndKeepsTheFirstDate() throws Exception {
        SigningKey key = manager.createSigningKey(org, "release", kek, BOUND);
        trust.trustSigningKey(org, "release", null, false);

        Change<SigningKey> first = manager.revokeSigningKey(org, "release");
        Change<SigningKey> second =
                manager.revokeSigningKey(org, key.fingerprint().hex());

        assertTrue(first.changed());
        assertFalse(second.changed());
        assertEquals(first.row().revokedAt(), second.row().revokedAt());
        KeyException e =
                refused(Reason.SIGNING_KEY_REVOKED, Kind.REFUSED, () -> manager.openSigningKey(org, "release", kek));
        assertEquals(Optional.of(first.row().revokedAt()), e.since());
        assertInstanceOf(
                SignerTrust.Trusted.class,
                trustIn(org, manager.exportPublicKey(org, "release").publicKey()));
    }

    @Test
    void choose_idFingerprintNameOrPrefix_findsTheKey() throws Exception {
        SigningKey a = manager.createSigningKey(org, "a", kek, BOUND);
        SigningKey b = manager.createSigningKey(org, a.fingerprint().hex().substring(0, 8), kek, BOUND);

        assertEquals(a.id(), manager.signingKey(org, a.id().toString()).id());
        assertEquals(a.id(), manager.signingKey(org, a.fingerprint().hex()).id());
        assertEquals(a.id(), manager.signingKey(org, "a").id());
        assertEquals(
                a.id(),
                manager.signingKey(org, a.id().toString().substring(0, 12)).id());
        assertEquals(
                a.id(),
                manager.signingKey(org, a.fingerprint().hex().substring(0, 12)).id());
        assertEquals(
                b.id(),
                manager.signingKey(org, a.fingerprint().hex().substring(0, 8)).id(),
                "a name comes before a prefix");
        refused(
                Reason.UNKNOWN_KEY,
                Kind.ASKED_WRONGLY,
                () -> manager.signingKey(org, a.id().toString().substring(0, 5)));
        refused(Reason.UNKNOWN_KEY, Kind.ASKED_WRONGLY, () -> manager.signingKey(org, "%"));
        refused(Reason.UNKNOWN_KEY, Kind.ASKED_WRONGLY, () -> manager.signingKey(child, a.id().toString()));
    }

    @Test
    void choose_severalKeys_namesTheCandidates() throws Exception {
        byte[] pem = Pem.exposePrivateKey(Ed25519PrivateKey.generate(random));
        SigningKey one = manager.importSigningKey(org, "one", pem, kek, BOUND);
        SigningKey two = manager.importSigningKey(org, "two", pem, kek, BOUND);

        KeyException e = refused(
                Reason.AMBIGUOUS_KEY,
                Kind.ASKED_WRONGLY,
                () -> manager.signingKey(org, one.fingerprint().hex()));

        assertEquals(
                List.of(one.id() + "  " + one.fingerprint() + "  one", two.id() + "  " + two.fingerprint() + "  two"),
                e.candidates());
    }

    @Test
    void reseal_wholeStore_opensOnlyWithTheNewKek() throws Exception {
        SigningKey active = manager.createSigningKey(org, "active", kek, BOUND);
        SigningKey revoked = manager.createSigningKey(child, "revoked", kek, KeySealer.Form.REFERENCE);
        manager.revokeSigningKey(child, "revoked");
        Kek future = Kek.of(random.generateSeed(32));

        assertEquals(2, manager.reseal(kek, future, BOUND));

        for (SigningKey row : List.of(active, revoked)) {
            String id = row.id().toString();
            try (Ed25519PrivateKey key = manager.exportPrivateKey(row.orgId(), id, future)) {
                assertEquals(row.fingerprint(), key.publicKey().fingerprint());
            }
            refused(Reason.WRONG_KEK, Kind.ASKED_WRONGLY, () -> manager.exportPrivateKey(row.orgId(), id, kek));
        }
    }

    @Test
    void reseal_oneKeyDoesNotOpen_changesNothing() throws Exception {
        SigningKey good = manager.createSigningKey(org, "good", kek, BOUND);
        Ed25519PublicKey key = newPublicKey();
        SigningKey bad = new SigningKey(UUID.randomUUID(), org, "bad", key.fingerprint(), key.raw(), START, null);
        store.signingKeys().add(new SealedKey(bad, new byte[60]), new SealedKeys.Check(kek));
        byte[] before = store.signingKeys().sealed(good.id()).orElseThrow().sealed();

        KeyException e = refused(
                Reason.WRONG_KEK,
                Kind.ASKED_WRONGLY,
                () -> manager.reseal(kek, Kek.of(random.generateSeed(32)), BOUND));

        assertTrue(e.getMessage().contains(bad.id().toString()), e.getMessage());
        assertArrayEquals(
                before, store.signingKeys().sealed(good.id()).orElseThrow().sealed());
    }

    @Test
    void rotation_asInTheGuide_oldAndNewOverlapThenOldEnds() throws Exception {
        manager.createSigningKey(org, "release-v1", kek, BOUND);
        trust.trustSigningKey(org, "release-v1", null, false);
        Ed25519PublicKey first = manager.exportPublicKey(org, "release-v1").publicKey();

        manager.createSigningKey(org, "release-v2", kek, BOUND);
        trust.trustSigningKey(org, "release-v2", null, false);
        Ed25519PublicKey second = manager.exportPublicKey(org, "release-v2").publicKey();
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, first));
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, second));

        trust.revokeTrustedKey(org, "release-v1");
        manager.revokeSigningKey(org, "release-v1");
        assertInstanceOf(SignerTrust.Revoked.class, trustIn(org, first));
        assertInstanceOf(SignerTrust.Trusted.class, trustIn(org, second));
    }

    @Test
    void export_damagedRow_isToldAndStopsNothingElse() throws Exception {
        SigningKey sound = manager.createSigningKey(org, "sound", kek, BOUND);
        store.signingKeys()
                .add(
                        new SealedKey(
                                new SigningKey(
                                        UUID.randomUUID(),
                                        org,
                                        "damaged",
                                        sound.fingerprint(),
                                        newPublicKey().raw(),
                                        START,
                                        null),
                                new byte[60]),
                        new SealedKeys.Check(kek));

        assertEquals(2, manager.signingKeys(org).size());
        refused(Reason.DAMAGED_ROW, Kind.TROUBLE, () -> manager.exportPublicKey(org, "damaged"));
        assertEquals(
                HexFormat.of().formatHex(sound.publicKey()),
                HexFormat.of()
                        .formatHex(manager.exportPublicKey(org, "sound")
                                .publicKey()
                                .raw()));
    }

    @Test
    void reseal_killedHalfWay_leavesAllKeysUnderOneKek() throws Exception {
        String[] keks = {"11".repeat(32), "22".repeat(32)};
        Kek present = Kek.ofText(keks[0]);
        for (int i = 0; i < 100; i++) {
            manager.createSigningKey(org, "key " + i, present, BOUND);
        }
        for (int round = 1; round <= 3; round++) {
            String[] order = opensAll(keks[0]) ? keks : new String[] {keks[1], keks[0]};
            Process process = Fork.start(List.of(), ResealingProcess.class, address, order[0], order[1]);
            try (BufferedReader lines = process.inputReader()) {
                for (int i = 0; i < round; i++) {
                    assertEquals("begin", lines.readLine());
                }
                process.destroyForcibly();
                assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            }
            assertTrue(opensAll(keks[0]) ^ opensAll(keks[1]));
        }
    }

    /** Whether this key opens all signing keys; false only if it opens none. */
    private boolean opensAll(String hex) throws Exception {
        int opened = 0;
        List<SigningKey> keys = manager.signingKeys(org);
        for (SigningKey key : keys) {
            try (Ed25519PrivateKey open = manager.exportPrivateKey(org, key.id().toString(), Kek.ofText(hex))) {
                assertEquals(key.fingerprint(), open.publicKey().fingerprint());
                opened++;
            } catch (KeyException e) {
                assertEquals(Reason.WRONG_KEK, e.reason());
            }
        }
        assertTrue(opened == 0 || opened == keys.size(), "some of them: " + opened);
        return opened > 0;
    }
}
