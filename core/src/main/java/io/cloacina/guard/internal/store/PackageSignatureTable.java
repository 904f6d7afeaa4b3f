// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.PackageSignatures;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/**
 * The rows of {@code package_signatures}: SQL that both databases understand. Older databases of the reference lack the
 * column {@code org_id}.
 */
final class PackageSignatureTable implements PackageSignatures {

    private static final String ADD = """
            INSERT INTO package_signatures (id, package_hash, key_fingerprint, signature, signed_at, org_id)
            VALUES (:id, :package_hash, :fingerprint, :signature, :at, :org)
            ON CONFLICT (package_hash, key_fingerprint) DO NOTHING
            """;
    private static final String ADD_WITHOUT_ORGANISATION = """
            INSERT INTO package_signatures (id, package_hash, key_fingerprint, signature, signed_at)
            VALUES (:id, :package_hash, :fingerprint, :signature, :at)
            ON CONFLICT (package_hash, key_fingerprint) DO NOTHING
            """;
    private static final String REPLACE = """
            UPDATE package_signatures SET signature = :signature, signed_at = :at
            WHERE package_hash = :package_hash AND key_fingerprint = :fingerprint
            """;
    private static final String ALSO_SIGNED_BY_OTHERS = """
            SELECT COUNT(*) FROM package_signatures a
            WHERE a.key_fingerprint = :fingerprint AND EXISTS (
                SELECT 1 FROM package_signatures b
                WHERE b.package_hash = a.package_hash AND b.key_fingerprint <> a.key_fingerprint)
            """;
    private static final String OF_PACKAGE = "SELECT * FROM package_signatures WHERE package_hash = :package_hash";
    private static final String BY_KEY = "SELECT * FROM package_signatures WHERE key_fingerprint = :fingerprint";
    private static final String ALL = "SELECT * FROM package_signatures";

    private final Database database;
    private final Codecs codecs;

    PackageSignatureTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    private boolean withOrganisation(Handle handle) throws SQLException {
        return Schema.signaturesHaveOrganisation(handle, database.dialect());
    }

    @Override
    public boolean add(PackageSignature row) throws StoreUnavailableException {
        return addAll(List.of(row)).isEmpty();
    }

    @Override
    public List<PackageSignature> addAll(List<PackageSignature> rows) throws StoreUnavailableException {
        return rows.isEmpty() ? List.of() : database.write("add signatures", handle -> addAll(handle, rows));
    }

    private List<PackageSignature> addAll(Handle handle, List<PackageSignature> rows) throws SQLException {
        boolean withOrganisation = withOrganisation(handle);
        PreparedBatch batch = handle.prepareBatch(withOrganisation ? ADD : ADD_WITHOUT_ORGANISATION);
        for (PackageSignature row : rows) {
            batch.bind("id", row.id())
                    .bind("package_hash", row.packageHash().hex())
                    .bind("fingerprint", row.keyFingerprint().hex())
                    .bind("signature", row.signature())
                    .bind("at", row.signedAt());
            if (withOrganisation) {
                batch.bindByType("org", row.orgId(), UUID.class);
            }
            batch.add();
        }
        int[] added = batch.execute();
        PendingEvents pending = database.pending(handle);
        List<PackageSignature> present = new ArrayList<>();
        for (int i = 0; i < added.length; i++) {
            if (added[i] == 1) {
                pending.note(new StoreChange.SignatureAdded(rows.get(i)));
            } else {
                present.add(rows.get(i));
            }
        }
        return present;
    }

    @Override
    public boolean replace(PackageSignature row) throws StoreUnavailableException {
        return database.write("replace a signature", handle -> {
            boolean replaced = handle.createUpdate(REPLACE)
                            .bind("package_hash", row.packageHash().hex())
                            .bind("fingerprint", row.keyFingerprint().hex())
                            .bind("signature", row.signature())
                            .bind("at", row.signedAt())
                            .execute()
                    == 1;
            if (replaced) {
                database.pending(handle).note(new StoreChange.SignatureAdded(row));
            }
            return replaced;
        });
    }

    @Override
    public long packagesAlsoSignedByOthers(Fingerprint fingerprint) throws StoreUnavailableException {
        return database.read(
                "count signatures",
                handle -> handle.createQuery(ALSO_SIGNED_BY_OTHERS)
                        .bind("fingerprint", fingerprint.hex())
                        .mapTo(Long.class)
                        .one());
    }

    @Override
    public List<PackageSignature> of(PackageHash packageHash) throws StoreUnavailableException {
        return list(handle -> handle.createQuery(OF_PACKAGE).bind("package_hash", packageHash.hex()));
    }

    @Override
    public List<PackageSignature> by(Fingerprint fingerprint) throws StoreUnavailableException {
        return list(handle -> handle.createQuery(BY_KEY).bind("fingerprint", fingerprint.hex()));
    }

    @Override
    public List<PackageSignature> all() throws StoreUnavailableException {
        return list(handle -> handle.createQuery(ALL));
    }

    private List<PackageSignature> list(Database.Operation<Query> query) throws StoreUnavailableException {
        return Database.sorted(
                database.read("list signatures", handle -> {
                    boolean withOrganisation = withOrganisation(handle);
                    return query.on(handle)
                            .map((row, context) -> new PackageSignature(
                                    codecs.uuid(row, "id"),
                                    Codecs.packageHash(row),
                                    Codecs.fingerprint(row),
                                    row.getBytes("signature"),
                                    codecs.instant(row, "signed_at"),
                                    withOrganisation ? codecs.uuidOrNull(row, "org_id") : null))
                            .list();
                }),
                Comparator.comparing(PackageSignature::signedAt).thenComparing(PackageSignature::keyFingerprint));
    }
}
