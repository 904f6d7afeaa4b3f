// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.TrustStore.Question;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Opens a store for verification, says so, and then asks it once if it is told to. */
final class AskingProcess {

    private AskingProcess() {}

    public static void main(String[] arguments) throws Exception {
        StoreUrl url = StoreUrl.parse(arguments[0]);
        try (JdbiStore store = JdbiStore.openForVerification(url, Duration.ofSeconds(20))) {
            System.out.println("opened");
            if (Boolean.parseBoolean(arguments[1])) {
                store.ask(new Question(UUID.randomUUID(), Samples.hash("x"), true, List.of()));
                System.out.println("answered");
            }
        }
    }
}
