// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.trust.KeyLimit;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The question of a verification: one statement, the same for both databases.
 *
 * <p>It goes from the package to its signatures, from each signing key to the few organisations that trust it, and
 * looks each of these up among the grants and limits: index look-ups all the way, in this order whatever the statistics
 * say, because a scalar subquery is not turned into a join. The number of grants does not matter. Rows that say the same
 * (same key, same public key, same limit, revoked or not) come back once, the oldest.
 *
 * <p>A store of an earlier version, or of the reference, has no tables of limits. There the same statement finds empty
 * ones under their names, and says when the tables have come: then it is asked again, so that what was withdrawn before
 * the question counts.
 *
 * <p>JDBI does not run it: it is on the way of every load, also of the first in a fresh JVM, where
 * JDBI and the parser of its named parameters are 520 classes more than the driver needs; and kept prepared with its
 * connection it costs the server no planning.
 */
final class Verification {

    /** One of the tables of limits; a migration makes all or none. */
    static final String LIMITS_TABLE = "guard_withdrawn_packages";

    private static final int TRUST = 1;
    private static final int SIGNATURE = 2;
    private static final int STATEMENT = 3;
    private static final int WITHDRAWAL = 4;
    private static final int FLOOR = 5;
    private static final int LIMITS_ARE_THERE = 6;

    // The columns have their types from the tables that every store has.
    private static final String EMPTY_TABLES = """
            guard_statements AS (
                SELECT id, package_hash, key_fingerprint, signature AS envelope, signed_at
                FROM package_signatures WHERE 1 = 0
            ), guard_withdrawn_packages AS (
                SELECT org_id, key_fingerprint AS package_hash, key_name AS reason, trusted_at AS withdrawn_at,
                       revoked_at AS reinstated_at
                FROM trusted_keys WHERE 1 = 0
            ), guard_key_limits AS (
                SELECT org_id, key_fingerprint, key_name AS package_names, revoked_at AS not_after
                FROM trusted_keys WHERE 1 = 0
            ), guard_statement_names AS (
                SELECT id AS statement_id, key_name AS package_name FROM trusted_keys WHERE 1 = 0
            ), guard_version_floors AS (
                SELECT org_id, key_name AS package_name, key_name AS minimum_version
                FROM trusted_keys WHERE 1 = 0
            ),
            """;

    private static final String QUESTION =
            """
            detached (key_fingerprint) AS (
                VALUES %s
            ), stored AS (
                SELECT key_fingerprint, signature, signed_at
                FROM package_signatures
                WHERE package_hash = ? AND ?
            ), statements AS (
                SELECT s.key_fingerprint, s.envelope, s.signed_at,
                       (SELECT n.package_name FROM guard_statement_names n WHERE n.statement_id = s.id) AS package_name
                FROM guard_statements s
                WHERE s.package_hash = ? AND ?
            ), signers AS (
                SELECT key_fingerprint FROM stored
                UNION
                SELECT key_fingerprint FROM statements
                UNION
                SELECT key_fingerprint FROM detached WHERE key_fingerprint IS NOT NULL
            ), trust AS (
                SELECT t.key_fingerprint, t.public_key, t.revoked_at, t.org_id, t.key_name, t.trusted_at,
                       (SELECT l.package_names FROM guard_key_limits l
                        WHERE l.org_id = t.org_id AND l.key_fingerprint = t.key_fingerprint) AS package_names,
                       (SELECT l.not_after FROM guard_key_limits l
                        WHERE l.org_id = t.org_id AND l.key_fingerprint = t.key_fingerprint) AS not_after
                FROM signers s
                JOIN trusted_keys t ON t.key_fingerprint = s.key_fingerprint
                WHERE t.org_id = ?
                   OR (SELECT COUNT(*)
                       FROM key_trust_acls g
                       WHERE g.parent_org_id = ? AND g.child_org_id = t.org_id AND g.revoked_at IS NULL) > 0
            ), distinct_trust AS (
                SELECT trust.*,
                       ROW_NUMBER() OVER (
                           PARTITION BY key_fingerprint, public_key, org_id = ?, revoked_at IS NULL, package_names,
                               not_after
                           ORDER BY trusted_at, org_id) AS place
                FROM trust
            ), withdrawn AS (
                SELECT w.org_id, w.reason, w.withdrawn_at
                FROM guard_withdrawn_packages w
                WHERE w.package_hash = ? AND w.reinstated_at IS NULL
                  AND (w.org_id = ? OR w.org_id = ?
                       OR (SELECT COUNT(*)
                           FROM key_trust_acls g
                           WHERE g.parent_org_id = ? AND g.child_org_id = w.org_id AND g.revoked_at IS NULL) > 0)
                ORDER BY w.org_id = ? DESC, w.withdrawn_at, w.org_id
                LIMIT 1
            ), names AS (
                SELECT package_name FROM statements WHERE package_name IS NOT NULL
                UNION
                SELECT CAST(? AS VARCHAR(255))
            ), unnamed AS (
                SELECT key_fingerprint FROM statements WHERE package_name IS NULL LIMIT 1
            )
            SELECT 1 AS kind, key_fingerprint, public_key AS content, revoked_at AS moment, org_id, key_name AS name,
                   package_names AS limited_to, not_after
            FROM distinct_trust
            WHERE place = 1
            UNION ALL
            SELECT 2, key_fingerprint, signature, signed_at, NULL, NULL, NULL, NULL
            FROM stored
            UNION ALL
            SELECT 3, key_fingerprint, envelope, signed_at, NULL, package_name, NULL, NULL
            FROM statements
            UNION ALL
            SELECT 4, NULL, NULL, withdrawn_at, org_id, reason, NULL, NULL
            FROM withdrawn
            UNION ALL
            SELECT 5, NULL, NULL, NULL, NULL, n.package_name,
                   (SELECT f.minimum_version FROM guard_version_floors f
                    WHERE f.org_id = ? AND f.package_name = n.package_name), NULL
            FROM names n
            WHERE n.package_name IS NOT NULL
            UNION ALL
            SELECT 5, NULL, NULL, NULL, NULL, f.package_name, f.minimum_version, NULL
            FROM unnamed
            CROSS JOIN guard_version_floors f
            WHERE f.org_id = ?
            """.replace("%s", "(CAST(? AS VARCHAR(64)))" + ", (?)".repeat(Question.MOST - 1));

    private static final String HAVE_COME = """
            UNION ALL
            SELECT 6, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE %s
            """;

    private final Codecs codecs;
    private final UUID orgId;
    private final List<Dated<StoredSignature>> signatures = new ArrayList<>();
    private final List<Dated<StoredStatement>> statements = new ArrayList<>();
    private final Map<String, String> floors = new HashMap<>();
    private Withdrawal withdrawal;
    private boolean limitsHaveCome;
    private final Map<Fingerprint, List<Trust>> trust = new HashMap<>();

    private Verification(Codecs codecs, UUID orgId) {
        this.codecs = codecs;
        this.orgId = orgId;
    }

    /** @param at null if the row does not hold a time: what it says about the past is not needed for the verdict */
    private record Dated<T>(T row, Fingerprint signer, Instant at) implements Comparable<Dated<T>> {

        /** By time, those without last, then by key. */
        @Override
        public int compareTo(Dated<T> other) {
            int order = at == null || other.at == null
                    ? Boolean.compare(at == null, other.at == null)
                    : at.compareTo(other.at);
            return order != 0 ? order : signer.compareTo(other.signer);
        }
    }

    /** A row of trust as it counts: what it says about the key, and whether it is the organisation's own. */
    private record Trust(boolean own, SignerTrust says) {}

    /** @param limits whether the store has the tables of limits */
    static String sql(Dialect dialect, boolean limits) {
        return limits
                ? "WITH " + QUESTION
                : "WITH " + EMPTY_TABLES + QUESTION + HAVE_COME.replace("%s", dialect.tableIsThere(LIMITS_TABLE));
    }

    static Answer ask(PooledConnection pooled, Question question) throws SQLException {
        Verification asked = askOnce(pooled, question);
        if (asked.limitsHaveCome) {
            pooled.limitsHaveCome();
            asked = askOnce(pooled, question);
        }
        return asked.answer();
    }

    private static Verification askOnce(PooledConnection pooled, Question question) throws SQLException {
        Verification verification = new Verification(pooled.dialect().codecs(), question.orgId());
        PreparedStatement statement = pooled.question();
        bind(statement, verification.codecs, question);
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                verification.take(row);
            }
        }
        return verification;
    }

    static void bind(PreparedStatement statement, Codecs codecs, Question question) throws SQLException {
        int at = 1;
        for (int i = 0; i < Question.MOST; i++) {
            boolean given = i < question.detachedSigners().size();
            statement.setString(at++, given ? question.detachedSigners().get(i).hex() : null);
        }
        for (int i = 0; i < 2; i++) {
            statement.setString(at++, question.packageHash().hex());
            statement.setBoolean(at++, question.stored());
        }
        for (int i = 0; i < 3; i++) {
            codecs.write(statement, at++, question.orgId());
        }
        statement.setString(at++, question.packageHash().hex());
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at++, Withdrawal.EVERY_ORGANISATION);
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at++, question.orgId());
        statement.setString(
                at++,
                question.packageName().isPresent() ? question.packageName().get() : null);
        codecs.write(statement, at++, question.orgId());
        codecs.write(statement, at, question.orgId());
    }

    private void take(ResultSet row) throws SQLException {
        switch (row.getInt("kind")) {
            case WITHDRAWAL -> {
                Instant at = moment(row);
                withdrawal = new Withdrawal(
                        codecs.uuid(row, "org_id"), row.getString("name"), at == null ? Instant.EPOCH : at);
            }
            case FLOOR -> {
                String version = row.getString("limited_to");
                if (version != null) {
                    floors.put(row.getString("name"), version);
                }
            }
            case LIMITS_ARE_THERE -> limitsHaveCome = true;
            default -> takeSigned(row);
        }
    }

    // A row whose fingerprint is none names no key, so it cannot be trusted: it does not count and stops nothing.
    private void takeSigned(ResultSet row) throws SQLException {
        String fingerprint = row.getString("key_fingerprint");
        if (!Fingerprint.isValid(fingerprint)) {
            return;
        }
        Fingerprint signer = new Fingerprint(fingerprint);
        switch (row.getInt("kind")) {
            case TRUST -> {
                List<Trust> rows = trust.get(signer);
                if (rows == null) {
                    rows = new ArrayList<>();
                    trust.put(signer, rows);
                }
                rows.add(trust(signer, row));
            }
            case SIGNATURE ->
                signatures.add(new Dated<>(new StoredSignature(signer, row.getBytes("content")), signer, moment(row)));
            case STATEMENT ->
                statements.add(new Dated<>(
                        new StoredStatement(signer, row.getBytes("content"), row.getString("name")),
                        signer,
                        moment(row)));
            default -> throw new IllegalStateException("a row of no known kind");
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
        String name = row.getString("name");
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
        Instant notAfter;
        try {
            notAfter = codecs.instant(row, "not_after");
        } catch (SQLException e) {
            if ("22000".equals(e.getSQLState())) {
                return new SignerTrust.Unusable("the limit of organisation [" + by + "] on it has no readable time");
            }
            throw e;
        }
        try {
            return new SignerTrust.Trusted(
                    Ed25519PublicKey.of(raw), name, by, KeyLimit.ofLines(row.getString("limited_to"), notAfter));
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
        return new Answer(inOrder(signatures), inOrder(statements), signers, Optional.ofNullable(withdrawal), floors);
    }

    private static <T> List<T> inOrder(List<Dated<T>> rows) {
        rows.sort(null);
        List<T> ordered = new ArrayList<>(rows.size());
        for (Dated<T> dated : rows) {
            ordered.add(dated.row());
        }
        return ordered;
    }

    /**
     * The organisation's own revocation, else its own trust, else inherited trust, else the best reason against. Its own
     * limit on a key thus wins over what it inherits, as its own revocation does.
     */
    @SuppressWarnings("ReferenceEquality") // each row but that one
    private static SignerTrust judge(List<Trust> rows) {
        Trust best = rows.get(0);
        for (Trust row : rows) {
            if (rank(row) < rank(best)) {
                best = row;
            }
        }
        if (rows.size() == 1 || best.own() || !(best.says() instanceof SignerTrust.Trusted first)) {
            return best.says();
        }
        List<SignerTrust.Trusted> others = new ArrayList<>();
        for (Trust row : rows) {
            if (row != best && row.says() instanceof SignerTrust.Trusted other) {
                others.add(other);
            }
        }
        return first.limit().isNone()
                ? first
                : new SignerTrust.Trusted(first.key(), first.name(), first.trustedBy(), first.limit(), others);
    }

    private static int rank(Trust trust) {
        if (trust.says() instanceof SignerTrust.Revoked) {
            return trust.own() ? 0 : 5;
        }
        if (trust.says() instanceof SignerTrust.Trusted trusted) {
            return trust.own() ? 1 : trusted.limit().isNone() ? 2 : 3;
        }
        return 4;
    }
}
