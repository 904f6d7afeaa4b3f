// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store with all tables on a real database, and an agent's view of it. */
abstract class LimitsFixture {

    static final Instant LATER = Samples.NOON.plusSeconds(3_600);

    final UUID org = UUID.randomUUID();
    final UUID child = UUID.randomUUID();
    final UUID other = UUID.randomUUID();
    final PackageHash hash = Samples.hash("package");
    final Ed25519PublicKey key = Samples.publicKey();
    final Fingerprint signer = key.fingerprint();
    StoreUrl url;
    JdbiStore store;
    JdbiStore verifier;

    abstract StoreUrl newStore() throws Exception;

    abstract Connection plain(StoreUrl url) throws SQLException;

    @BeforeEach
    void make() throws Exception {
        url = newStore();
        store = JdbiStore.create(url, StoreFixture.TIMEOUT, StoreFixture.CLOCK);
        verifier = JdbiStore.openForVerification(url, StoreFixture.TIMEOUT);
        assertEquals(Optional.empty(), ask().withdrawn());
    }

    @AfterEach
    void close() {
        store.close();
        verifier.close();
    }

    Answer ask() throws StoreUnavailableException {
        return ask(Optional.empty());
    }

    Answer ask(Optional<String> packageName) throws StoreUnavailableException {
        return verifier.ask(new Question(org, hash, true, List.of(signer), packageName));
    }

    SignerTrust.Trusted trusted() throws StoreUnavailableException {
        return assertInstanceOf(SignerTrust.Trusted.class, ask().trustIn(signer));
    }

    /** Ids and times as this program writes them, everything else as JDBC does. */
    void insert(String table, Object... values) throws SQLException {
        Codecs codecs = url.dialect().codecs();
        try (Connection connection = plain(url);
                PreparedStatement statement = connection.prepareStatement(
                        "INSERT INTO " + table + " VALUES (?" + ", ?".repeat(values.length) + ")")) {
            codecs.write(statement, 1, UUID.randomUUID());
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof UUID id) {
                    codecs.write(statement, i + 2, id);
                } else if (values[i] instanceof Instant time) {
                    codecs.write(statement, i + 2, time);
                } else {
                    statement.setObject(i + 2, values[i]);
                }
            }
            statement.executeUpdate();
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    void withdraw(UUID by, String reason, Instant at) throws SQLException {
        insert("guard_withdrawn_packages", by, hash.hex(), reason, at, null);
    }

    void limit(UUID by, String packageNames, Instant notAfter) throws SQLException {
        insert("guard_key_limits", by, signer.hex(), packageNames, notAfter, Samples.NOON);
    }
}
