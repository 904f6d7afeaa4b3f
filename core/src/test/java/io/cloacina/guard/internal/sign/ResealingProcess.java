// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;

/** Reseals a store under one key and the other in turn until it is killed, and says when it begins each time. */
final class ResealingProcess {

    private ResealingProcess() {}

    public static void main(String[] arguments) throws Exception {
        StoreUrl url = StoreUrl.parse(arguments[0]);
        try (JdbiStore store = JdbiStore.openForKeys(url, Duration.ofSeconds(60))) {
            KeyManager manager = new KeyManager(store, Clock.systemUTC(), new SecureRandom());
            Kek present = Kek.ofText(arguments[1]);
            Kek future = Kek.ofText(arguments[2]);
            while (true) {
                System.out.println("begin");
                System.out.flush();
                manager.reseal(present, future, KeySealer.Form.BOUND);
                Kek last = present;
                present = future;
                future = last;
            }
        }
    }
}
