// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentHashMap;

class PostgresStoreTest extends StoreSuite {

    private final ConcurrentHashMap<StoreUrl, String> databases = new ConcurrentHashMap<>();

    @Override
    StoreUrl newStore() throws SQLException {
        String database = PostgresServer.newDatabase();
        StoreUrl url = PostgresServer.url(database, "postgres");
        databases.put(url, database);
        return url;
    }

    @Override
    Connection plain(StoreUrl url) throws SQLException {
        return PostgresServer.connect(databases.get(url), "postgres");
    }
}
