// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.store.Fork;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.internal.trust.TrustStore.Question;
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
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of keys and trust, on a real database of each kind. */
abstract class KeyManagerSuite {

    private static final Instant START = Instant.parse("2026-03-01T08:30:00.123456789Z");
    private static final KeySealer.Form BOUND = KeySealer.Form.BOUND;

    private final SecureRandom random = new SecureRandom();
    private final SteppingClock clock = new SteppingClock();
    private final Kek kek = Kek.of(random.generateSeed(32));
    private final UUID org = UUID.randomUUID();
    private final UUID child = UUID.randomUUID();
    private JdbiStore store;
    private KeyManager manager;
    private TrustManager trust;

    private String address;

    /** The full address, with password, of a store that is not there yet. */
    abstract String newStore() throws Exception;

    @BeforeEach
    void make() throws Exception {
        address = newStore();
        store = JdbiStore.create(StoreUrl.parse(address), Duration.ofSeconds(20), clock);
        manager = new KeyManager(store, clock, random);
        trust = new TrustManager(store, clock, random);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** A minute later with every look. */
    private static final class SteppingClock extends Clock {

        private Instant next = START;

        @Override
        public Instant instant() {
            Instant now = next;
            next = next.plusSeconds(60);
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private SignerTrust trustIn(UUID asking, Ed25519PublicKey key) throws Exception {
        Question question = new Question(asking, PackageHash.ofContent(new byte[0]), true, List.of(key.fingerprint()));
        return store.ask(question).trustIn(key.fingerprint());
    }

    private Ed25519PublicKey newPublicKey() {
        return Ed25519PrivateKey.generate(random).publicKey();
    }

    private static KeyException refused(Reason reason, Kind kind, Executable action) {
        KeyException e = assertThrows(KeyException.class, action);
        assertEquals(reason, e.reason(), e.getMessage());
        assertEquals(kind, e.reason().kind());
        return e;
    }

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
