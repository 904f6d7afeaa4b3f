// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.trust.TrustStore.Answer;
import io.cloacina.guard.trust.TrustStore.Question;
import io.cloacina.guard.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustStore.StoredSignature;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The question of a verification: one statement, the same for both databases.
 *
 * <p>It goes from the package to its signatures, from each signing key to the few organisations that trust it, and
 * looks each of these up among the grants: index look-ups all the way, in this order whatever the statistics say,
 * because a scalar subquery is not turned into a join. The number of grants does not matter. Rows that say the same
 * (same key, same public key, revoked or not) come back once, the oldest.
 *
 * <p>The one statement that JDBI does not run: it is on the way of every load, also of the first in a fresh JVM, where
 * JDBI and the parser of its named parameters are 520 classes more than the driver needs; and kept prepared with its
 * connection it costs the server no planning.
 */
final class Verification {

    static final String SQL = """
            WITH stored AS (
                SELECT key_fingerprint, signature, signed_at
                FROM package_signatures
                WHERE package_hash = ? AND ?
            ), signers AS (
                SELECT key_fingerprint FROM stored
                UNION
                SELECT CAST(? AS VARCHAR(64)) WHERE CAST(? AS VARCHAR(64)) IS NOT NULL
            ), trust AS (
                SELECT t.key_fingerprint, t.public_key, t.revoked_at, t.org_id, t.key_name,
                       ROW_NUMBER() OVER (
                           PARTITION BY t.key_fingerprint, t.public_key, t.org_id = ?, t.revoked_at IS NULL
                           ORDER BY t.trusted_at, t.org_id) AS place
                FROM signers s
                JOIN trusted_keys t ON t.key_fingerprint = s.key_fingerprint
                WHERE t.org_id = ?
                   OR (SELECT COUNT(*)
                       FROM key_trust_acls g
                       WHERE g.parent_org_id = ? AND g.child_org_id = t.org_id AND g.revoked_at IS NULL) > 0
            )
            SELECT 1 AS is_trust, key_fingerprint, public_key AS content, revoked_at AS moment, org_id, key_name
            FROM trust
            WHERE place = 1
            UNION ALL
            SELECT 0, key_fingerprint, signature, signed_at, NULL, NULL
            FROM stored
            """;

    private final Codecs codecs;
    private final UUID orgId;
    private final List<DatedSignature> signatures = new ArrayList<>();
    private final Map<Fingerprint, List<Trust>> trust = new HashMap<>();

    private Verification(Codecs codecs, UUID orgId) {
        this.codecs = codecs;
        this.orgId = orgId;
    }

    /** @param at null if the row does not hold a time: what it says about the past is not needed for the verdict */
    private record DatedSignature(StoredSignature signature, Instant at) implements Comparable<DatedSignature> {

        /** By time, those without last, then by key. */
        @Override
        public int compareTo(DatedSignature other) {
            int order = at == null || other.at == null
                    ? Boolean.compare(at == null, other.at == null)
                    : at.compareTo(other.at);
            return order != 0 ? order : signature.keyFingerprint().compareTo(other.signature.keyFingerprint());
        }
    }

    /** A row of trust as it counts: what it says about the key, and whether it is the organisation's own. */
    private record Trust(boolean own, SignerTrust says) {}

    static Answer ask(PooledConnection pooled, Question question) throws SQLException {
        Verification verification = new Verification(pooled.codecs(), question.orgId());
        PreparedStatement statement = pooled.question();
        bind(statement, pooled.codecs(), question);
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                verification.take(row);
            }
        }
        return verification.answer();
    }

    static void bind(PreparedStatement statement, Codecs codecs, Question question) throws SQLException {
        statement.setString(1, question.packageHash().hex());
        statement.setBoolean(2, question.stored());
        String detached = question.detachedSigner().isPresent()
                ? question.detachedSigner().get().hex()
                : null;
        statement.setString(3, detached);
        statement.setString(4, detached);
        codecs.write(statement, 5, question.orgId());
        codecs.write(statement, 6, question.orgId());
        codecs.write(statement, 7, question.orgId());
    }

    // A row whose fingerprint is none names no key, so it cannot be trusted: it does not count and stops nothing.
    private void take(ResultSet row) throws SQLException {
        String fingerprint = row.getString("key_fingerprint");
        if (!Fingerprint.isValid(fingerprint)) {
            return;
        }
        Fingerprint signer = new Fingerprint(fingerprint);
        if (row.getInt("is_trust") == 1) {
            List<Trust> rows = trust.get(signer);
            if (rows == null) {
                rows = new ArrayList<>();
                trust.put(signer, rows);
            }
            rows.add(trust(signer, row));
        } else {
            signatures.add(new DatedSignature(new StoredSignature(signer, row.getBytes("content")), moment(row)));
        }
    }

    private Instant moment(ResultSet row) throws SQLException {
        try {
            return codecs.instant(row, "moment");
        } catch (SQLException e) {
            if ("22000".equals(e.getSQLState())) {
                return null;
            }
            throw e;
        }
    }

    private Trust trust(Fingerprint signer, ResultSet row) throws SQLException {
        UUID by;
        try {
            by = codecs.uuid(row, "org_id");
        } catch (SQLException e) {
            return new Trust(false, new SignerTrust.Unusable("the row of trust has no readable organisation"));
        }
        return new Trust(by.equals(orgId), says(signer, by, row));
    }

    private SignerTrust says(Fingerprint signer, UUID by, ResultSet row) throws SQLException {
        String name = row.getString("key_name");
        if (row.getString("moment") != null) {
            Instant revokedAt = moment(row);
            return revokedAt == null
                    ? new SignerTrust.Revoked(name, by, Instant.EPOCH)
                    : new SignerTrust.Revoked(name, by, revokedAt);
        }
        byte[] raw = row.getBytes("content");
        if (raw.length != Ed25519PublicKey.SIZE_BYTES) {
            return new SignerTrust.Unusable(
                    "the trusted public key of organisation [" + by + "] has [" + raw.length + "] bytes instead of 32");
        }
        if (!Fingerprint.of(raw).equals(signer)) {
            return new SignerTrust.Unusable(
                    "the trusted public key of organisation [" + by + "] does not match its fingerprint");
        }
        try {
            return new SignerTrust.Trusted(Ed25519PublicKey.of(raw), name, by);
        } catch (RejectedKeyException e) {
            return new SignerTrust.Unusable("organisation [" + by + "]: " + e.getMessage());
        }
    }

    // Plain loops: lambdas and streams would be most of the time that the first question of a JVM takes.
    private Answer answer() {
        Map<Fingerprint, SignerTrust> signers = new HashMap<>();
        for (Map.Entry<Fingerprint, List<Trust>> rows : trust.entrySet()) {
            signers.put(rows.getKey(), judge(rows.getValue()));
        }
        signatures.sort(null);
        List<StoredSignature> stored = new ArrayList<>();
        for (DatedSignature dated : signatures) {
            stored.add(dated.signature());
        }
        return new Answer(stored, signers);
    }

    /** The organisation's own revocation, else its own trust, else inherited trust, else the best reason against. */
    private static SignerTrust judge(List<Trust> rows) {
        Trust best = rows.get(0);
        for (Trust row : rows) {
            if (rank(row) < rank(best)) {
                best = row;
            }
        }
        return best.says();
    }

    private static int rank(Trust trust) {
        if (trust.says() instanceof SignerTrust.Revoked) {
            return trust.own() ? 0 : 4;
        }
        if (trust.says() instanceof SignerTrust.Trusted) {
            return trust.own() ? 1 : 2;
        }
        return 3;
    }
}
