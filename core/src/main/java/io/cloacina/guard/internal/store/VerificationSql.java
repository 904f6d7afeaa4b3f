// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.TrustStore.Question;

/**
 * The statement by which a store is asked, with one round trip, for all that a verification needs; the same for both
 * databases.
 *
 * <p>It goes from the package to its signatures, from each signing key to the few organisations that trust it, and
 * looks each of these up among the grants and limits: index look-ups all the way, in this order whatever the statistics
 * say, because a scalar subquery is not turned into a join. The number of grants does not matter. Rows that say the same
 * (same key, same public key, same limit, revoked or not) come back once, the oldest.
 *
 * <p>A store of an earlier version, or of the reference, has no tables of limits. There the same statement finds empty
 * ones under their names, and says when the tables have come: then it is asked again, so that what was withdrawn before
 * the question counts.
 */
final class VerificationSql {

    /** One of the tables of limits; a migration makes all or none. */
    static final String LIMITS_TABLE = "guard_withdrawn_packages";

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
            SELECT 5, NULL, NULL, NULL, NULL, s.package_name,
                   (SELECT f.minimum_version FROM guard_version_floors f
                    WHERE f.org_id = ? AND f.package_name = s.package_name), NULL
            FROM statements s
            WHERE s.package_name IS NOT NULL
            UNION ALL
            SELECT 5, NULL, NULL, NULL, NULL, f.package_name, f.minimum_version, NULL
            FROM guard_version_floors f
            WHERE f.org_id = ? AND f.package_name = ?
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

    private VerificationSql() {}

    /** @param limits whether the store has the tables of limits */
    static String of(Dialect dialect, boolean limits) {
        return limits
                ? "WITH " + QUESTION
                : "WITH " + EMPTY_TABLES + QUESTION + HAVE_COME.replace("%s", dialect.tableIsThere(LIMITS_TABLE));
    }
}
