// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import io.cloacina.guard.Signing;
import io.cloacina.guard.Verification;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;

/** A program that has core and BouncyCastle on its class path, and nothing else. Run by {@link PublishedCoreIT}. */
public final class OfflineVerification {

    private OfflineVerification() {}

    /** @param arguments what to do, the key's PEM file, the package, and for {@code verify} its signature */
    public static void main(String[] arguments) throws Exception {
        Path key = Path.of(arguments[1]);
        Path plugin = Path.of(arguments[2]);
        if (arguments[0].equals("sign")) {
            System.out.println(
                    "SIGNED " + Signing.offline(key).sign(plugin).signature().packageHash());
            return;
        }
        Verdict verdict = Verification.offline(key).verify(plugin, Path.of(arguments[3]));
        System.out.println(verdict instanceof Verdict.Refused refused ? refused.error() : "VERIFIED");
        requireAbsent("org.jdbi.v3.core.Jdbi");
        requireAbsent("tools.jackson.core.JsonParser");
        requireAbsent("org.slf4j.Logger");
        requireAbsent("picocli.CommandLine");
    }

    private static void requireAbsent(String type) {
        try {
            Class.forName(type);
        } catch (ClassNotFoundException e) {
            return;
        }
        throw new IllegalStateException("[" + type + "] is on the class path of this test");
    }
}
