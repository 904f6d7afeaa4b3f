// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreChange;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;

/** The rows of {@code package_signatures}, read and written: SQL that both databases understand. */
final class SignatureTable {

    private static final String ADD_SIGNATURE = """
            INSERT INTO package_signatures (id, package_hash, key_fingerprint, signature, signed_at, org_id)
            VALUES (:id, :package_hash, :fingerprint, :signature, :at, :org)
            ON CONFLICT (package_hash, key_fingerprint) DO NOTHING
            """;
    private static final String ADD_SIGNATURE_WITHOUT_ORGANISATION = """
            INSERT INTO package_signatures (id, package_hash, key_fingerprint, signature, signed_at)
            VALUES (:id, :package_hash, :fingerprint, :signature, :at)
            ON CONFLICT (package_hash, key_fingerprint) DO NOTHING
            """;
    private static final String REPLACE_SIGNATURE = """
            UPDATE package_signatures SET signature = :signature, signed_at = :at
            WHERE package_hash = :package_hash AND key_fingerprint = :fingerprint
            """;
    private static final String ALSO_SIGNED_BY_OTHERS = """
            SELECT COUNT(*) FROM package_signatures a
            WHERE a.key_fingerprint = :fingerprint AND EXISTS (
                SELECT 1 FROM package_signatures b
                WHERE b.package_hash = a.package_hash AND b.key_fingerprint <> a.key_fingerprint)
            """;
    private static final String SIGNATURES = "SELECT * FROM package_signatures WHERE package_hash = :package_hash";

    private final Handle handle;
    private final Codecs codecs;
    private final PendingEvents pending;
    private final boolean withOrganisation;

    /**
     * @param pending keeps the events of what is changed here
     * @param withOrganisation whether the table has the column {@code org_id}, which older databases of the reference lack
     */
    SignatureTable(Handle handle, Codecs codecs, PendingEvents pending, boolean withOrganisation) {
        this.handle = handle;
        this.codecs = codecs;
        this.pending = pending;
        this.withOrganisation = withOrganisation;
    }

    private String insert() {
        return withOrganisation ? ADD_SIGNATURE : ADD_SIGNATURE_WITHOUT_ORGANISATION;
    }

    private void bind(SqlStatement<?> statement, PackageSignature row) {
        statement
                .bind("id", row.id())
                .bind("package_hash", row.packageHash().hex())
                .bind("fingerprint", row.keyFingerprint().hex())
                .bind("signature", row.signature())
                .bind("at", row.signedAt());
        if (withOrganisation) {
            statement.bindByType("org", row.orgId(), UUID.class);
        }
    }

    boolean add(PackageSignature row) {
        return addAll(List.of(row)).isEmpty();
    }

    /** @return those that were there already */
    List<PackageSignature> addAll(List<PackageSignature> rows) {
        List<PackageSignature> present = new ArrayList<>();
        if (rows.isEmpty()) {
            return present;
        }
        PreparedBatch batch = handle.prepareBatch(insert());
        for (PackageSignature row : rows) {
            bind(batch, row);
            batch.add();
        }
        int[] added = batch.execute();
        for (int i = 0; i < added.length; i++) {
            if (added[i] == 1) {
                pending.note(new StoreChange.SignatureAdded(rows.get(i)));
            } else {
                present.add(rows.get(i));
            }
        }
        return present;
    }

    boolean replace(PackageSignature row) {
        boolean replaced = handle.createUpdate(REPLACE_SIGNATURE)
                        .bind("package_hash", row.packageHash().hex())
                        .bind("fingerprint", row.keyFingerprint().hex())
                        .bind("signature", row.signature())
                        .bind("at", row.signedAt())
                        .execute()
                == 1;
        if (replaced) {
            pending.note(new StoreChange.SignatureAdded(row));
        }
        return replaced;
    }

    long alsoSignedByOthers(Fingerprint fingerprint) {
        return handle.createQuery(ALSO_SIGNED_BY_OTHERS)
                .bind("fingerprint", fingerprint.hex())
                .mapTo(Long.class)
                .one();
    }

    List<PackageSignature> of(PackageHash packageHash) {
        return handle.createQuery(SIGNATURES)
                .bind("package_hash", packageHash.hex())
                .map((row, context) -> new PackageSignature(
                        codecs.uuid(row, "id"),
                        new PackageHash(row.getString("package_hash")),
                        KeyTables.fingerprint(row),
                        row.getBytes("signature"),
                        codecs.instant(row, "signed_at"),
                        withOrganisation ? codecs.uuid(row, "org_id") : null))
                .list();
    }
}
