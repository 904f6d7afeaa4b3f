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

/** The rows of {@code guard_statements}: SQL that both databases understand. */
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
    private static final String OF_PACKAGE = "SELECT * FROM guard_statements WHERE package_hash = :package_hash";
    private static final String BY_KEY = "SELECT * FROM guard_statements WHERE key_fingerprint = :fingerprint";
    private static final String ALL = "SELECT * FROM guard_statements";

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
                pending.note(new StoreChange.StatementAdded(rows.get(i)));
            } else {
                present.add(rows.get(i));
            }
        }
        return present;
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
                                        codecs.uuid(row, "org_id")))
                                .list()),
                Comparator.comparing(StatementRow::signedAt).thenComparing(StatementRow::keyFingerprint));
    }
}
