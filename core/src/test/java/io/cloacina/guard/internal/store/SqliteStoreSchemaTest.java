// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

class SqliteStoreSchemaTest extends StoreSchemaSuite {

    @TempDir
    Path folder;

    @Override
    StoreUrl newStore() {
        return StoreUrl.ofFile(folder.resolve(UUID.randomUUID() + ".db"));
    }

    @Override
    Connection plain(StoreUrl url) throws SQLException {
        return JDBC.createConnection("jdbc:sqlite:" + url.file().orElseThrow(), new Properties());
    }
}
