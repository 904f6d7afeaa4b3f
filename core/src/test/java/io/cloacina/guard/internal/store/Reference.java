// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A database as the reference leaves it: its tables by the contract, made and filled without this program. */
public final class Reference {

    private Reference() {}

    /** @param old whether {@code package_signatures} still lacks its organisation */
    public static void make(Connection connection, Dialect dialect, boolean old) throws SQLException {
        boolean postgres = dialect == Dialect.POSTGRESQL;
        String id = postgres ? "id UUID PRIMARY KEY DEFAULT gen_random_uuid()" : "id BLOB PRIMARY KEY NOT NULL";
        String uuid = postgres ? "UUID" : "BLOB";
        String bytes = postgres ? "BYTEA" : "BLOB";
        String time = postgres ? "TIMESTAMP" : "TEXT";
        String text = postgres ? "VARCHAR(255)" : "TEXT";
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE signing_keys (" + id + ", org_id " + uuid + " NOT NULL, key_name " + text
                    + " NOT NULL, encrypted_private_key " + bytes + " NOT NULL, public_key " + bytes
                    + " NOT NULL, key_fingerprint " + text + " NOT NULL, created_at " + time
                    + " NOT NULL, revoked_at " + time + ", UNIQUE (org_id, key_name))");
            statement.execute("CREATE TABLE trusted_keys (" + id + ", org_id " + uuid + " NOT NULL, key_fingerprint "
                    + text + " NOT NULL, public_key " + bytes + " NOT NULL, key_name " + text + ", trusted_at " + time
                    + " NOT NULL, revoked_at " + time + ", UNIQUE (org_id, key_fingerprint))");
            statement.execute("CREATE TABLE key_trust_acls (" + id + ", parent_org_id " + uuid
                    + " NOT NULL, child_org_id " + uuid + " NOT NULL, granted_at " + time + " NOT NULL, revoked_at "
                    + time + ", UNIQUE (parent_org_id, child_org_id))");
            statement.execute("CREATE TABLE package_signatures (" + id + ", package_hash " + text
                    + " NOT NULL, key_fingerprint " + text + " NOT NULL, signature " + bytes + " NOT NULL, signed_at "
                    + time + " NOT NULL" + (old ? "" : ", org_id " + uuid)
                    + ", UNIQUE (package_hash, key_fingerprint))");
            statement.execute("CREATE TABLE workflow_packages (name " + text + ")");
            statement.execute("INSERT INTO workflow_packages VALUES ('untouched')");
        }
    }

    /** A literal of 16 or more bytes given as hexadecimal digits. */
    static String bytes(Dialect dialect, String hex) {
        return dialect == Dialect.POSTGRESQL ? "decode('" + hex + "', 'hex')" : "x'" + hex + "'";
    }

    static String uuid(Dialect dialect, UUID id) {
        return dialect == Dialect.POSTGRESQL
                ? "'" + id + "'"
                : "x'" + id.toString().replace("-", "") + "'";
    }

    /** As each of them writes this moment: {@code 2026-01-28T12:00:00.123456789Z}. */
    static String time(Dialect dialect) {
        return dialect == Dialect.POSTGRESQL ? "'2026-01-28 12:00:00.123456'" : "'2026-01-28T12:00:00.123456789+00:00'";
    }
}
