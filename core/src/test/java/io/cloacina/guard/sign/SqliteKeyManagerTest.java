package io.cloacina.guard.sign;

import io.cloacina.guard.store.StoreUrl;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteKeyManagerTest extends KeyManagerSuite {

    @TempDir
    Path folder;

    @Override
    StoreUrl newStore() {
        return StoreUrl.ofFile(folder.resolve("trust.db"));
    }
}
