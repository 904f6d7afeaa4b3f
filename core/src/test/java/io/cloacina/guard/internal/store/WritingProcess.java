// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Stores signatures in an SQLite store, and prints the hash of each when it is stored. */
final class WritingProcess {

    private WritingProcess() {}

    public static void main(String[] arguments) throws Exception {
        StoreUrl url = StoreUrl.ofFile(Path.of(arguments[0]));
        int count = Integer.parseInt(arguments[2]);
        try (JdbiStore store = JdbiStore.create(url, Duration.ofSeconds(60), Clock.systemUTC())) {
            for (int i = 0; i < count; i++) {
                var row = Samples.signature(Samples.hash(arguments[1] + "/" + i), Samples.privateKey());
                if (!store.signatures().add(row)) {
                    throw new IllegalStateException("not stored");
                }
                System.out.println(row.packageHash());
                System.out.flush();
            }
        }
    }
}
