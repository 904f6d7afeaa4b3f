// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.trust.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads are decided on side by side: what keeps one waiting keeps no other. */
class SideBySideTest {

    @TempDir
    Path directory;

    @Test
    void admit_storeThatKeepsOneLoadWaiting_decidesTheOther() throws Exception {
        EnforcingSetup setup = new EnforcingSetup(directory);
        Path slow = setup.sign(Files.writeString(directory.resolve("slow.jar"), "slow"));
        Path quick = setup.sign(Files.writeString(directory.resolve("quick.jar"), "quick"));
        PackageHash ofSlow = PackageHash.ofContent(Files.readAllBytes(slow));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        TrustStore keys = new FixedKeys(List.of(setup.key.publicKey()));
        TrustStore store = question -> {
            if (question.packageHash().equals(ofSlow)) {
                asked.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return keys.ask(question);
        };
        GuardConfig config = GuardConfig.read(setup.settings, Map.of());
        AuditLog log = AuditLog.open("file:" + setup.events);
        try (Guard guard = new Guard(config, store, () -> {}, log, null, Clock.systemUTC())) {
            FutureTask<Admission> first = new FutureTask<>(() -> guard.admit(
                    Load.ofFile(Load.Kind.JAR, slow, "a hook", "a loader"), directory.resolve("copy-of-slow")));
            new Thread(first).start();
            assertTrue(asked.await(60, TimeUnit.SECONDS));

            // Would wait for ever behind the first.
            Admission second = guard.admit(
                    Load.ofFile(Load.Kind.JAR, quick, "a hook", "a loader"), directory.resolve("copy-of-quick"));

            assertInstanceOf(Admission.Allowed.class, second);
            assertTrue(!first.isDone());
            goOn.countDown();
            assertInstanceOf(Admission.Allowed.class, first.get(60, TimeUnit.SECONDS));
        }
    }
}
