// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteTrustManagerTest extends TrustManagerSuite {

    @TempDir
    Path folder;

    @Override
    String newStore() {
        return "sqlite://" + folder.resolve("trust.db");
    }
}
