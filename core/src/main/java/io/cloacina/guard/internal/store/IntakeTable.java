// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.JsonReader;
import io.cloacina.guard.internal.trust.IntakeRow;
import io.cloacina.guard.internal.trust.Intakes;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The rows of {@code guard_intake}: SQL that both databases understand. */
final class IntakeTable implements Intakes {

    private static final String ADD = """
            INSERT INTO guard_intake (id, org_id, package_hash, evidence, taken_at)
            VALUES (:id, :org, :package_hash, :evidence, :at)
            ON CONFLICT (org_id, package_hash, evidence) DO NOTHING
            """;
    private static final String OF_PACKAGE = "SELECT * FROM guard_intake WHERE package_hash = :package_hash";

    private final Database database;
    private final Codecs codecs;

    IntakeTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public int addAll(List<IntakeRow> rows) throws StoreUnavailableException {
        return rows.isEmpty()
                ? 0
                : database.writeSince(
                        Schema.WITH_INTAKE, "store what vouches for packages", handle -> addAll(handle, rows));
    }

    private int addAll(Handle handle, List<IntakeRow> rows) {
        PreparedBatch batch = handle.prepareBatch(ADD);
        for (IntakeRow row : rows) {
            batch.bind("id", row.id())
                    .bind("org", row.orgId())
                    .bind("package_hash", row.packageHash().hex())
                    .bind("evidence", evidence(row))
                    .bind("at", row.takenAt())
                    .add();
        }
        int[] added = batch.execute();
        PendingEvents pending = database.pending(handle);
        int count = 0;
        for (int i = 0; i < added.length; i++) {
            if (added[i] == 1) {
                pending.note(new StoreChange.PackageTakenIn(rows.get(i)));
                count++;
            }
        }
        return count;
    }

    private static String evidence(IntakeRow row) {
        return new JsonLine()
                .with("kind", row.kind())
                .with("identity", row.identity())
                .with("digest", row.digest())
                .toString();
    }

    @Override
    public List<IntakeRow> of(PackageHash packageHash) throws StoreUnavailableException {
        return Database.sorted(
                database.readSince(
                        Schema.WITH_INTAKE,
                        "list what vouches for a package",
                        handle -> handle.createQuery(OF_PACKAGE)
                                .bind("package_hash", packageHash.hex())
                                .map((row, context) -> row(row))
                                .list()),
                Comparator.comparing(IntakeRow::takenAt).thenComparing(IntakeRow::id));
    }

    private IntakeRow row(ResultSet row) throws SQLException {
        Map<String, Object> evidence = new HashMap<>();
        try {
            JsonReader.readObject(row.getString("evidence"), evidence);
        } catch (IllegalArgumentException e) {
            throw new SQLException("a row of table [guard_intake] is damaged: " + e.getMessage(), e);
        }
        return new IntakeRow(
                codecs.uuid(row, "id"),
                codecs.uuid(row, "org_id"),
                Codecs.packageHash(row),
                String.valueOf(evidence.get("kind")),
                String.valueOf(evidence.get("identity")),
                evidence.get("digest") instanceof String digest ? digest : null,
                codecs.instant(row, "taken_at"));
    }
}
