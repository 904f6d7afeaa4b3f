// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.StoreChange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a store and how they come to be.
 *
 * <p>Our migrations are numbered; which ran stands in {@code guard_schema}, one row each. A database that has the four
 * tables but not this one was made by the reference: its tables are never altered, as its own migrations must still
 * apply, and the first row says so.
 */
final class Schema {

    /** The newest migration this program knows. */
    static final int NEWEST = 4;

    /** The first version with the tables of the key check and of pending events. */
    static final int WITH_PENDING_EVENTS = 2;

    /** The first version with the tables that limit trust, and with those of statements. */
    static final int WITH_LIMITS = 3;

    /** The first version with the table of intakes. */
    static final int WITH_INTAKE = 4;

    /** What a verification reads besides the tables that are shared with the reference. */
    static final List<String> LIMITS_TABLES = List.of(
            VerificationSql.LIMITS_TABLE,
            "guard_key_limits",
            "guard_statements",
            "guard_statement_names",
            "guard_version_floors");

    private static final List<String> MIGRATIONS = List.of(
            "001_trust_tables.sql",
            "002_key_check_and_pending_events.sql",
            "003_limits_of_trust.sql",
            "004_intake.sql");
    private static final String ADOPTION = "adopt_reference.sql";

    /** Any number that is ours: keeps two programs from migrating one PostgreSQL database at once. */
    private static final long ADVISORY_LOCK = 0x636c6f6163696e61L;

    private static final Map<String, Set<String>> COLUMNS = Map.of(
            "signing_keys",
                    Set.of(
                            "id",
                            "org_id",
                            "key_name",
                            "encrypted_private_key",
                            "public_key",
                            "key_fingerprint",
                            "created_at",
                            "revoked_at"),
            "trusted_keys",
                    Set.of("id", "org_id", "key_fingerprint", "public_key", "key_name", "trusted_at", "revoked_at"),
            "key_trust_acls", Set.of("id", "parent_org_id", "child_org_id", "granted_at", "revoked_at"),
            "package_signatures", Set.of("id", "package_hash", "key_fingerprint", "signature", "signed_at"));

    private static final String POSTGRES_COLUMNS = """
            SELECT c.relname AS table_name, a.attname AS column_name
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
              AND pg_catalog.pg_table_is_visible(c.oid)
              AND c.relname IN ('signing_keys', 'trusted_keys', 'key_trust_acls', 'package_signatures', 'guard_schema')
            """;

    private static final String SQLITE_COLUMNS = """
            SELECT m.name AS table_name, c.name AS column_name
            FROM sqlite_master m
            JOIN pragma_table_info(m.name) c
            WHERE m.type IN ('table', 'view')
              AND m.name IN ('signing_keys', 'trusted_keys', 'key_trust_acls', 'package_signatures', 'guard_schema')
            """;

    private static final String ADOPTED_BEFORE = """
            guard_schema a
            WHERE a.version = 1 AND NOT EXISTS (
                SELECT 1 FROM guard_schema b WHERE b.version = 2 AND b.applied_at = a.applied_at)
            """;

    private static final String POSTGRES_INDEXES = """
            pg_catalog.pg_index i
            JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            WHERE c.relname = 'package_signatures' AND pg_catalog.pg_table_is_visible(c.oid) AND a.attname = 'org_id'
            """;

    private static final String SQLITE_INDEXES =
            "pragma_index_list('package_signatures') l JOIN pragma_index_info(l.name) i WHERE i.name = 'org_id'";

    private Schema() {}

    /** @param tables the columns of every table of a store that is there */
    private record Found(Map<String, Set<String>> tables, int version, StoreStatus.Origin origin) {

        boolean hasNothing() {
            return tables.isEmpty();
        }

        /** Whether {@code package_signatures} has the column that older databases of the reference lack. */
        boolean signaturesHaveOrganisation() {
            return tables.getOrDefault("package_signatures", Set.of()).contains("org_id");
        }
    }

    /**
     * Makes the tables, adopts the reference's, or brings ours up to date. All of it or nothing; only the announcements
     * of PostgreSQL are left out where the role may not make them.
     *
     * @param announce whether those are wanted on the tables of the reference, which belong to another program
     * @return null if nothing was to be done
     */
    static StoreChange.@Nullable Initialised migrate(Handle handle, Dialect dialect, Instant now, boolean announce)
            throws SQLException, IOException {
        int before = look(handle, dialect).version;
        StoreStatus.Origin origin = migrate(handle, dialect, now);
        if (dialect == Dialect.POSTGRESQL) {
            Privileges.grantIfAllowed(handle);
            Announcements.make(handle, announce || origin == StoreStatus.Origin.GUARD);
        }
        return before == NEWEST ? null : new StoreChange.Initialised(origin.toString(), NEWEST);
    }

    private static StoreStatus.Origin migrate(Handle handle, Dialect dialect, Instant now)
            throws SQLException, IOException {
        if (dialect == Dialect.POSTGRESQL) {
            handle.createQuery("SELECT CAST(pg_advisory_xact_lock(:lock) AS TEXT)")
                    .bind("lock", ADVISORY_LOCK)
                    .mapTo(String.class)
                    .list();
        }
        Found found = look(handle, dialect);
        if (found.version >= NEWEST) {
            return found.origin;
        }
        StoreStatus.Origin origin = found.hasNothing() ? StoreStatus.Origin.GUARD : found.origin;
        if (found.version == 0 && origin == StoreStatus.Origin.REFERENCE) {
            run(handle, dialect, ADOPTION);
            record(handle, 1, origin, now);
        }
        for (int version = look(handle, dialect).version + 1; version <= NEWEST; version++) {
            run(handle, dialect, MIGRATIONS.get(version - 1));
            record(handle, version, origin, now);
        }
        if (dialect == Dialect.POSTGRESQL) {
            Privileges.grant(handle);
        }
        return origin;
    }

    /**
     * Checks that a store is there which this program can write to.
     *
     * @return its version
     * @throws SQLException if not; the message says what to do
     */
    static int require(Handle handle, Dialect dialect) throws SQLException {
        Found found = look(handle, dialect);
        if (found.hasNothing()) {
            throw noTables();
        }
        return found.version;
    }

    /**
     * Brings a store of an earlier version up to date, in the transaction of a change, if the role may. One of the
     * reference that was not adopted stays as it is.
     *
     * @return its version now
     */
    static int upgrade(Handle handle, Dialect dialect, Instant now) throws SQLException, IOException {
        int version = look(handle, dialect).version;
        if (version == 0 || version >= NEWEST) {
            return version;
        }
        handle.savepoint("before_upgrade");
        try {
            migrate(handle, dialect, now);
            handle.releaseSavepoint("before_upgrade");
            return NEWEST;
        } catch (JdbiException e) {
            // Not allowed; if the connection is what failed, so does this.
            handle.rollbackToSavepoint("before_upgrade");
            return version;
        }
    }

    /**
     * Whether there are tables of a store.
     *
     * @throws SQLException if there are some, but not a store's
     */
    static boolean isThere(Handle handle, Dialect dialect) throws SQLException {
        return !look(handle, dialect).hasNothing();
    }

    /** As {@link Found#signaturesHaveOrganisation()}. */
    static boolean signaturesHaveOrganisation(Handle handle, Dialect dialect) throws SQLException {
        return look(handle, dialect).signaturesHaveOrganisation();
    }

    static StoreStatus.Origin origin(Handle handle, Dialect dialect) throws SQLException {
        return look(handle, dialect).origin;
    }

    static StoreStatus status(Handle handle, StoreUrl address) throws SQLException {
        Found found = look(handle, address.dialect());
        if (found.hasNothing()) {
            throw noTables();
        }
        boolean limits = found.version >= WITH_LIMITS;
        return new StoreStatus(
                address,
                found.origin,
                found.version,
                count(handle, "signing_keys"),
                count(handle, "trusted_keys"),
                count(handle, "key_trust_acls"),
                count(handle, "package_signatures"),
                limits ? count(handle, "guard_statements") : 0,
                limits ? count(handle, VerificationSql.LIMITS_TABLE) : 0,
                limits ? count(handle, "guard_key_limits") : 0,
                limits ? count(handle, "guard_version_floors") : 0,
                found.version >= WITH_INTAKE ? count(handle, "guard_intake") : 0,
                Announcements.areMade(handle, address.dialect(), limits),
                found.signaturesHaveOrganisation(),
                isAltered(handle, address.dialect(), found));
    }

    /**
     * Whether an earlier version of this program has added {@code package_signatures.org_id} to a database of the reference,
     * whose own migration then fails. That version adopted without the second migration and made no index of the column; the
     * reference makes one.
     */
    private static boolean isAltered(Handle handle, Dialect dialect, Found found) {
        if (found.origin != StoreStatus.Origin.REFERENCE || found.version == 0 || !found.signaturesHaveOrganisation()) {
            return false;
        }
        return count(handle, ADOPTED_BEFORE) > 0
                && count(handle, dialect == Dialect.POSTGRESQL ? POSTGRES_INDEXES : SQLITE_INDEXES) == 0;
    }

    private static SQLException noTables() {
        return new SQLException("the database has no trust store; make one with `cloacina store init`");
    }

    private static long count(Handle handle, String table) {
        return handle.createQuery("SELECT COUNT(*) FROM " + table)
                .mapTo(Long.class)
                .one();
    }

    private static Found look(Handle handle, Dialect dialect) throws SQLException {
        Map<String, Set<String>> tables = new HashMap<>();
        handle.createQuery(dialect == Dialect.POSTGRESQL ? POSTGRES_COLUMNS : SQLITE_COLUMNS)
                .map((row, context) -> tables.computeIfAbsent(row.getString("table_name"), unseen -> new HashSet<>())
                        .add(row.getString("column_name")))
                .list();
        if (tables.isEmpty()) {
            return new Found(tables, 0, StoreStatus.Origin.GUARD);
        }
        for (Map.Entry<String, Set<String>> wanted : COLUMNS.entrySet()) {
            Set<String> columns = tables.get(wanted.getKey());
            if (columns == null) {
                throw new SQLException(
                        "the database has some tables of a trust store but not [" + wanted.getKey() + "]");
            }
            for (String column : wanted.getValue()) {
                if (!columns.contains(column)) {
                    throw new SQLException("table [" + wanted.getKey() + "] is not a trust store's: it has no column ["
                            + column + "]");
                }
            }
        }
        if (!tables.containsKey("guard_schema")) {
            return new Found(tables, 0, StoreStatus.Origin.REFERENCE);
        }
        Optional<Integer> version = handle.createQuery("SELECT MAX(version) FROM guard_schema")
                .mapTo(Integer.class)
                .findOne();
        if (version.isEmpty()) {
            throw new SQLException("table [guard_schema] is empty: the store was not made by this program");
        }
        if (version.get() > NEWEST) {
            throw new SQLException("the store's schema has version [" + version.get()
                    + "]; this program knows none above [" + NEWEST + "]: use a newer one");
        }
        String origin = handle.createQuery("SELECT origin FROM guard_schema ORDER BY version LIMIT 1")
                .mapTo(String.class)
                .one();
        return new Found(tables, version.get(), StoreStatus.Origin.of(origin));
    }

    private static void record(Handle handle, int version, StoreStatus.Origin origin, Instant now) {
        handle.createUpdate("INSERT INTO guard_schema (version, origin, applied_at) VALUES (:version, :origin, :now)")
                .bind("version", version)
                .bind("origin", origin.toString())
                .bind("now", now)
                .execute();
    }

    private static void run(Handle handle, Dialect dialect, String file) throws IOException {
        String resource = dialect + "/" + file;
        try (InputStream in = Schema.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("the program is incomplete: no resource [" + resource + "]");
            }
            handle.createScript(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .executeAsSeparateStatements();
        }
    }
}
