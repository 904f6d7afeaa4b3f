// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.internal.trust.Statements;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;

/** The rows of {@code guard_statements}, with the name of the package that each is about: SQL that both databases understand. */
final class StatementTable implements Statements {

    private static final String ADD = """
            INSERT INTO guard_statements (id, package_hash, key_fingerprint, envelope, signed_at, org_id)
            VALUES (:id, :package_hash, :fingerprint, :envelope, :at, :org)
            ON CONFLICT (package_hash, key_fingerprint) DO NOTHING
            """;
    private static final String REPLACE = """
            UPDATE guard_statements SET envelope = :envelope, signed_at = :at
            WHERE package_hash = :package_hash AND key_fingerprint = :fingerprint
            """;
    private static final String ADD_NAME = """
            INSERT INTO guard_statement_names (statement_id, package_name)
            SELECT id, :name FROM guard_statements
            WHERE package_hash = :package_hash AND key_fingerprint = :fingerprint
            """;
    private static final String REMOVE_NAME = """
            DELETE FROM guard_statement_names WHERE statement_id IN (
                SELECT id FROM guard_statements
                WHERE package_hash = :package_hash AND key_fingerprint = :fingerprint)
            """;
    private static final String ALL = """
            SELECT s.*, (SELECT n.package_name FROM guard_statement_names n WHERE n.statement_id = s.id) AS package_name
            FROM guard_statements s
            """;
    private static final String OF_PACKAGE = ALL + " WHERE s.package_hash = :package_hash";
    private static final String BY_KEY = ALL + " WHERE s.key_fingerprint = :fingerprint";

    private final Database database;
    private final Codecs codecs;

    StatementTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean add(StatementRow row) throws StoreUnavailableException {
        return addAll(List.of(row)).isEmpty();
    }

    @Override
    public List<StatementRow> addAll(List<StatementRow> rows) throws StoreUnavailableException {
        return rows.isEmpty() ? List.of() : database.writeLimits("add statements", handle -> addAll(handle, rows));
    }

    private List<StatementRow> addAll(Handle handle, List<StatementRow> rows) {
        PreparedBatch batch = handle.prepareBatch(ADD);
        for (StatementRow row : rows) {
            batch.bind("id", row.id())
                    .bind("package_hash", row.packageHash().hex())
                    .bind("fingerprint", row.keyFingerprint().hex())
                    .bind("envelope", row.envelope())
                    .bind("at", row.signedAt())
                    .bindByType("org", row.orgId(), UUID.class)
                    .add();
        }
        int[] added = batch.execute();
        PendingEvents pending = database.pending(handle);
        List<StatementRow> present = new ArrayList<>();
        for (int i = 0; i < added.length; i++) {
            if (added[i] == 1) {
                addName(handle, rows.get(i));
                pending.note(new StoreChange.StatementAdded(rows.get(i)));
            } else {
                present.add(rows.get(i));
            }
        }
        return present;
    }

    private static void addName(Handle handle, StatementRow row) {
        if (row.packageName() != null) {
            named(handle, ADD_NAME, row).bind("name", row.packageName()).execute();
        }
    }

    private static Update named(Handle handle, String sql, StatementRow row) {
        return handle.createUpdate(sql)
                .bind("package_hash", row.packageHash().hex())
                .bind("fingerprint", row.keyFingerprint().hex());
    }

    @Override
    public boolean replace(StatementRow row) throws StoreUnavailableException {
        return database.writeLimits("replace a statement", handle -> {
            boolean replaced = handle.createUpdate(REPLACE)
                            .bind("package_hash", row.packageHash().hex())
                            .bind("fingerprint", row.keyFingerprint().hex())
                            .bind("envelope", row.envelope())
                            .bind("at", row.signedAt())
                            .execute()
                    == 1;
            if (replaced) {
                named(handle, REMOVE_NAME, row).execute();
                addName(handle, row);
                database.pending(handle).note(new StoreChange.StatementAdded(row));
            }
            return replaced;
        });
    }

    @Override
    public List<StatementRow> of(PackageHash packageHash) throws StoreUnavailableException {
        return list(handle -> handle.createQuery(OF_PACKAGE).bind("package_hash", packageHash.hex()));
    }

    @Override
    public List<StatementRow> by(Fingerprint fingerprint) throws StoreUnavailableException {
        return list(handle -> handle.createQuery(BY_KEY).bind("fingerprint", fingerprint.hex()));
    }

    @Override
    public List<StatementRow> all() throws StoreUnavailableException {
        return list(handle -> handle.createQuery(ALL));
    }

    private List<StatementRow> list(Database.Operation<Query> query) throws StoreUnavailableException {
        return Database.sorted(
                database.readLimits(
                        "list statements",
                        handle -> query.on(handle)
                                .map((row, context) -> new StatementRow(
                                        codecs.uuid(row, "id"),
                                        Codecs.packageHash(row),
                                        Codecs.fingerprint(row),
                                        row.getBytes("envelope"),
                                        codecs.instant(row, "signed_at"),
                                        codecs.uuidOrNull(row, "org_id"),
                                        row.getString("package_name")))
                                .list()),
                Comparator.comparing(StatementRow::signedAt).thenComparing(StatementRow::keyFingerprint));
    }
}
