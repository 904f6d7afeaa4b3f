// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.internal.store.PostgresServer;

class PostgresTrustManagerTest extends TrustManagerSuite {

    @Override
    String newStore() throws Exception {
        return PostgresServer.address(PostgresServer.newDatabase(), "postgres");
    }
}
