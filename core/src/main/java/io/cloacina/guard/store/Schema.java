package io.cloacina.guard.store;

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

/**
 * The tables of a store and how they come to be.
 *
 * <p>Our migrations are numbered; which ran stands in {@code guard_schema}, one row each. A database that has the four
 * tables but not this one was made by the reference: the tables stay as they are, and the first row says so.
 */
final class Schema {

    /** The newest migration this program knows. */
    static final int NEWEST = 1;

    private static final List<String> MIGRATIONS = List.of("001_trust_tables.sql");
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

    private Schema() {}

    /** @param tables the columns of every table of a store that is there */
    private record Found(Map<String, Set<String>> tables, int version, StoreStatus.Origin origin) {

        boolean hasNothing() {
            return tables.isEmpty();
        }
    }

    /**
     * Makes the tables, adopts the reference's, or brings ours up to date. All of it or nothing; only the announcements
     * of PostgreSQL are left out where the role may not make them.
     *
     * @param announce whether those are wanted on the tables of the reference, which belong to another program
     */
    static void migrate(Handle handle, Dialect dialect, Instant now, boolean announce)
            throws SQLException, IOException {
        StoreStatus.Origin origin = migrate(handle, dialect, now);
        if (dialect == Dialect.POSTGRESQL && (announce || origin == StoreStatus.Origin.GUARD)) {
            Announcements.make(handle);
        }
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
            adopt(handle, dialect, found);
            record(handle, 1, origin, now);
        }
        for (int version = look(handle, dialect).version + 1; version <= NEWEST; version++) {
            run(handle, dialect, MIGRATIONS.get(version - 1));
            record(handle, version, origin, now);
        }
        return origin;
    }

    /**
     * Checks that a store is there which this program can write to.
     *
     * @throws SQLException if not; the message says what to do
     */
    static void require(Handle handle, Dialect dialect) throws SQLException {
        Found found = look(handle, dialect);
        if (found.hasNothing()) {
            throw noTables();
        }
        if (found.version < NEWEST && found.tables.containsKey("guard_schema")) {
            throw new SQLException("the store's schema has version [" + found.version + "] and this program needs ["
                    + NEWEST + "]: bring it up to date with `cloacina store init`");
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

    /** Whether {@code package_signatures} has the column that older databases of the reference lack. */
    static boolean signaturesHaveOrganisation(Handle handle, Dialect dialect) throws SQLException {
        return look(handle, dialect)
                .tables
                .getOrDefault("package_signatures", Set.of())
                .contains("org_id");
    }

    static StoreStatus status(Handle handle, StoreUrl address) throws SQLException {
        Found found = look(handle, address.dialect());
        if (found.hasNothing()) {
            throw noTables();
        }
        return new StoreStatus(
                address,
                found.origin,
                found.version,
                count(handle, "signing_keys"),
                count(handle, "trusted_keys"),
                count(handle, "key_trust_acls"),
                count(handle, "package_signatures"),
                Announcements.areMade(handle, address.dialect()));
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

    private static void adopt(Handle handle, Dialect dialect, Found found) throws IOException, SQLException {
        if (!found.tables.get("package_signatures").contains("org_id")) {
            handle.execute("ALTER TABLE package_signatures ADD COLUMN org_id "
                    + (dialect == Dialect.POSTGRESQL ? "UUID" : "BLOB"));
        }
        run(handle, dialect, ADOPTION);
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
