// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Kind;
import io.cloacina.guard.sign.KeyException.Reason;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;

/** The managers of keys and trust, on a store that has nothing in it yet. */
abstract class KeyManagerFixture {

    static final Instant START = Instant.parse("2026-03-01T08:30:00.123456789Z");
    static final KeySealer.Form BOUND = KeySealer.Form.BOUND;

    final SecureRandom random = new SecureRandom();
    private final SteppingClock clock = new SteppingClock();
    final Kek kek = Kek.of(random.generateSeed(32));
    final UUID org = UUID.randomUUID();
    final UUID child = UUID.randomUUID();
    JdbiStore store;
    KeyManager manager;
    TrustManager trust;

    String address;

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

    SignerTrust trustIn(UUID asking, Ed25519PublicKey key) throws Exception {
        Question question = new Question(asking, PackageHash.ofContent(new byte[0]), true, List.of(key.fingerprint()));
        return store.ask(question).trustIn(key.fingerprint());
    }

    Ed25519PublicKey newPublicKey() {
        return Ed25519PrivateKey.generate(random).publicKey();
    }

    static KeyException refused(Reason reason, Kind kind, Executable action) {
        KeyException e = assertThrows(KeyException.class, action);
        assertEquals(reason, e.reason(), e.getMessage());
        assertEquals(kind, e.reason().kind());
        return e;
    }
}
