// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The watch where its store goes away or is not asked at all. */
@Timeout(180)
class WatchedStoreTest extends RevocationWatchFixture {

    private final Set<Thread> watchersBefore = watchers();

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_ANNOUNCED", "POSTGRES_POLLED"})
    void sessionsEndedByTheServer_areOpenedAgain_andNothingIsMissed(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        load("a.jar", key);
        // Until the watch is there, it cannot be cut.
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        next("package.revoked.loaded");
        manager.trustPublicKey(ORG, key.publicKey(), "release", true);

        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database
                + "' AND pid <> pg_backend_pid()");
        Map<String, Object> degraded = next("guard.degraded");
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());

        assertTrue(degraded.get("why").toString().startsWith("trust store ["), degraded::toString);
        assertFalse(degraded.toString().contains("secret"), degraded::toString);
        next("package.revoked.loaded");
        assertEquals(
                1,
                read.stream()
                        .filter(event -> event.toString().contains("not noticed in this JVM"))
                        .count());
    }

    @Test
    void sqliteFileTakenAwayAndBack_isToldOnceEach_andWatchedAgain() throws Exception {
        open(Hearing.SQLITE_POLLED);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        load("a.jar", key);
        keys.close();
        Path file = directory.resolve("trust.db");
        Files.move(file, directory.resolve("away.db"));
        Map<String, Object> degraded = next("guard.degraded");
        assertTrue(degraded.get("why").toString().contains("there is no such file"), degraded::toString);
        Files.move(directory.resolve("away.db"), file);
        assertTrue(next("guard.degraded").get("what").toString().contains("noticed again"));

        keys = JdbiStore.openForKeys(StoreUrl.ofFile(file), TIMEOUT);
        new TrustManager(keys, Clock.systemUTC(), new SecureRandom())
                .revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        next("package.revoked.loaded");
    }

    @Test
    void watch_beforeAnythingVerified_orWhenSwitchedOff_hasNoThread() throws Exception {
        settings.put("cloacina.revocation_poll", "0");
        open(Hearing.SQLITE_POLLED);
        assertNull(watcher());
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        load("a.jar", key);
        assertNull(watcher());
        guard.close();
        guard = null;
        keys.close();

        settings.put("cloacina.revocation_poll", "100ms");
        open(Hearing.SQLITE_POLLED);
        assertNull(watcher());
        load("a.jar", key);
        Thread watcher = watcher();
        assertNotNull(watcher);
        assertTrue(watcher.isDaemon());
        assertEquals(ClassLoader.getPlatformClassLoader(), watcher.getContextClassLoader());
        assertEquals(Thread.class, watcher.getClass());
        guard.close();
        watcher.join();
        guard = null;
        keys.close();
    }

    /** The watch's thread; those of other tests may still be ending. */
    private Thread watcher() {
        return watchers().stream()
                .filter(thread -> !watchersBefore.contains(thread))
                .findFirst()
                .orElse(null);
    }

    private static Set<Thread> watchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("cloacina-guard-revocations"))
                .collect(Collectors.toSet());
    }
}
