// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;

/** A store with all tables on a database of its own. */
abstract class StoreFixture {

    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final Clock CLOCK = Clock.fixed(Samples.NOON, ZoneOffset.UTC);

    private final List<JdbiStore> opened = new ArrayList<>();
    final UUID org = UUID.randomUUID();
    final UUID child = UUID.randomUUID();
    final PackageHash hash = Samples.hash(UUID.randomUUID().toString());
    StoreUrl url;
    JdbiStore store;

    /** The address of a database without any tables, or of a file that is not there. */
    abstract StoreUrl newStore() throws Exception;

    /** A connection that knows nothing of this program's code. */
    abstract Connection plain(StoreUrl url) throws SQLException;

    @BeforeEach
    void make() throws Exception {
        url = newStore();
        store = keep(JdbiStore.create(url, TIMEOUT, CLOCK));
    }

    @AfterEach
    void close() {
        opened.forEach(JdbiStore::close);
    }

    final JdbiStore keep(JdbiStore opening) {
        opened.add(opening);
        return opening;
    }

    JdbiStore verifier() {
        return keep(JdbiStore.openForVerification(url, TIMEOUT));
    }

    private Answer ask(Ed25519PublicKey signer) throws StoreUnavailableException {
        return verifier().ask(new Question(org, hash, true, List.of(signer.fingerprint())));
    }

    SignerTrust trustIn(Ed25519PublicKey signer) throws StoreUnavailableException {
        return ask(signer).trustIn(signer.fingerprint());
    }

    static void assertSays(String part, Executable action) {
        StoreUnavailableException e = assertThrows(StoreUnavailableException.class, action);
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }
}
