package io.cloacina.guard.sign;

import io.cloacina.guard.store.PostgresServer;
import io.cloacina.guard.store.StoreUrl;

class PostgresKeyManagerTest extends KeyManagerSuite {

    @Override
    StoreUrl newStore() throws Exception {
        return PostgresServer.url(PostgresServer.newDatabase(), "postgres");
    }
}
