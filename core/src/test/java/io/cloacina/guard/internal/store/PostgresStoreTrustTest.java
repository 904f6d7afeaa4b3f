// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.Connection;
import java.sql.SQLException;

class PostgresStoreTrustTest extends StoreTrustSuite {

    @Override
    StoreUrl newStore() throws SQLException {
        return PostgresServer.url(PostgresServer.newDatabase(), "postgres");
    }

    @Override
    Connection plain(StoreUrl url) throws SQLException {
        String address = url.toString();
        return PostgresServer.connect(address.substring(address.lastIndexOf('/') + 1), "postgres");
    }
}
