// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSink;
import io.cloacina.guard.audit.EncodedEvent;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.sign.PackageRules;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.TrustLimits;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.PostgresServer;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.verify.Refusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.Driver;

/**
 * Trust that goes while packages are loaded, on real stores; what is recorded is waited for in the stream of events.
 */
@Timeout(180)
class RevocationWatchTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final UUID CHILD = UUID.fromString("00000000-0000-4000-8000-000000000002");

    /** How the guard hears of a change. Where it must be announced, the poll would come far too late. */
    enum Hearing {
        POSTGRES_ANNOUNCED("60m"),
        POSTGRES_POLLED("100ms"),
        SQLITE_POLLED("100ms");

        private final String poll;

        Hearing(String poll) {
            this.poll = poll;
        }
    }

    @TempDir
    Path directory;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final List<Map<String, Object>> read = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey otherKey = Ed25519PrivateKey.generate(new SecureRandom());
    private String database;
    private JdbiStore keys;
    private TrustManager manager;
    private StoreOnDemand asked;
    private Guard guard;
    private final Set<Thread> watchersBefore = watchers();
    private int copies;
    private volatile Duration ahead = Duration.ZERO;
    /** The clock of the system, or ahead of it. */
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    private void open(Hearing hearing) throws Exception {
        String address;
        if (hearing == Hearing.SQLITE_POLLED) {
            address = "sqlite://" + directory.resolve("trust.db");
        } else {
            database = PostgresServer.newDatabase();
            address = PostgresServer.address(database, "postgres");
        }
        keys = JdbiStore.create(StoreUrl.parse(address), TIMEOUT, Clock.systemUTC());
        manager = new TrustManager(keys, Clock.systemUTC(), new SecureRandom());
        if (hearing == Hearing.POSTGRES_POLLED) {
            for (String table : List.of(
                    "trusted_keys",
                    "key_trust_acls",
                    "guard_withdrawn_packages",
                    "guard_key_limits",
                    "guard_statements",
                    "guard_version_floors")) {
                sql("DROP TRIGGER guard_trust_changed ON " + table);
            }
        }
        settings.put("cloacina.require_signatures", "true");
        settings.put("cloacina.database_url", address);
        settings.put("cloacina.verification_org_id", ORG.toString());
        settings.putIfAbsent("cloacina.revocation_poll", hearing.poll);
        GuardConfig config = GuardConfig.read(settings, Map.of());
        asked = new StoreOnDemand(StoreUrl.parse(address), TIMEOUT, 1);
        AuditLog audit = new AuditLog(Clock.systemUTC(), List.of(new QueueSink(events)));
        guard = new Guard(
                config, asked, asked::close, audit, new TrustMonitor(config, clock, audit, asked, asked), clock);
    }

    private record QueueSink(BlockingQueue<String> lines) implements AuditSink {
        @Override
        public void write(EncodedEvent event) {
            lines.add(new String(event.line(), StandardCharsets.UTF_8));
        }

        @Override
        public String name() {
            return "queue";
        }

        @Override
        public void close() {}
    }

    @AfterEach
    void close() throws Exception {
        if (guard != null) {
            guard.close();
            keys.close();
        }
    }

    private void sql(String statements) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "secret");
        String address = PostgresServer.address(database, "postgres").replaceFirst("postgres://[^@]*@", "");
        try (Connection connection = new Driver().connect("jdbc:postgresql://" + address, properties);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private Path load(String name, Ed25519PrivateKey signer) throws Exception {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            Files.writeString(file, name);
            PackageSigner.writingFiles(signer, Clock.systemUTC()).sign(file);
        }
        Load load = Load.ofFile(Load.Kind.JAR, file, "a hook", null);
        assertInstanceOf(Admission.Allowed.class, guard.admit(load, directory.resolve("copy" + copies++)));
        return file;
    }

    /** The next event of a type, past all others. */
    private Map<String, Object> next(String type) throws InterruptedException {
        while (true) {
            String line = events.poll(60, TimeUnit.SECONDS);
            assertNotNull(line, () -> "no " + type + " after " + read);
            Map<String, Object> event = JsonLines.object(line);
            read.add(event);
            if (event.get("event_type").equals(type)) {
                return event;
            }
        }
    }

    private long told(Path file) {
        return read.stream()
                .filter(event -> event.get("event_type").equals("package.revoked.loaded"))
                .filter(event -> event.get("package_path").equals(file.toString()))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void keyRevoked_afterItsPackageWasLoaded_isToldOncePerRevocation(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        manager.trustPublicKey(ORG, otherKey.publicKey(), "other", false);
        Path file = load("a.jar", key);
        load("a.jar", key);
        Path other = load("b.jar", otherKey);

        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(
                event,
                "package_path",
                file,
                "signer_fingerprint",
                key.publicKey().fingerprint(),
                "loads",
                2,
                "reason",
                "key_revoked",
                "revoked_by",
                ORG);
        assertTrue(event.get("package_hash").toString().matches("[0-9a-f]{64}"), event::toString);
        assertTrue(event.get("loaded_at").toString().matches("20.*Z"), event::toString);
        assertTrue(event.toString().contains("(release) was revoked 20"), event::toString);

        manager.trustPublicKey(ORG, key.publicKey(), "release", true);
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        next("package.revoked.loaded");
        manager.revokeTrustedKey(ORG, otherKey.publicKey().fingerprint().hex());
        next("package.revoked.loaded");

        assertEquals(2, told(file));
        assertEquals(1, told(other));
    }

    @ParameterizedTest
    @EnumSource
    void grantRevoked_afterAPackageOfTheChildWasLoaded_isTold(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(CHILD, key.publicKey(), "theirs", false);
        manager.grantTrust(ORG, CHILD, false);
        Path file = load("a.jar", key);

        manager.revokeGrant(ORG, CHILD);

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "grant_revoked", "revoked_by", ORG);
    }

    @ParameterizedTest
    @EnumSource
    void revokedEverywhere_afterAPackageOfTheChildWasLoaded_isTold(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(CHILD, key.publicKey(), "theirs", false);
        manager.grantTrust(ORG, CHILD, false);
        load("a.jar", key);

        keys.trustedKeys().revokeEverywhere(key.publicKey().fingerprint(), Instant.now());

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "reason", "key_revoked", "revoked_by", CHILD);
    }

    @ParameterizedTest
    @EnumSource
    void packageWithdrawn_afterItWasLoaded_isToldOncePerWithdrawal_andOthersOfItsSignerAreNot(Hearing hearing)
            throws Exception {
        open(hearing);
        PackageRules packages = new PackageRules(keys, Clock.systemUTC(), new SecureRandom());
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Path file = load("a.jar", key);
        Path other = load("b.jar", key);
        PackageHash hash = PackageSnapshot.hash(file);

        packages.withdraw(ORG, hash, "opens a port");

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "package_withdrawn", "revoked_by", ORG);
        assertTrue(event.toString().contains("by organisation " + ORG + ": opens a port"), event::toString);
        Load again = Load.ofFile(Load.Kind.JAR, file, "a hook", null);
        assertInstanceOf(Admission.Denied.class, guard.admit(again, directory.resolve("copy" + copies++)));
        assertFields(next("package.load.failure"), "failure_reason", "withdrawn_package");

        packages.reinstate(ORG, hash);
        packages.withdraw(Withdrawal.EVERY_ORGANISATION, hash, null);
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        // The other package of the signer: its own event is of the key.
        while (told(other) == 0) {
            next("package.revoked.loaded");
        }
        assertFields(read.get(read.size() - 1), "reason", "key_revoked");
    }

    @ParameterizedTest
    @EnumSource
    void keyLimited_afterItsPackageWasLoaded_isTold_andLoadsAgainWhenTheLimitIsLifted(Hearing hearing)
            throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Path file = load("a.jar", key);

        limit(new KeyLimit(List.of("com.vendor:*"), null));

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "key_limited", "revoked_by", ORG, "revoked_at", null);
        assertTrue(event.get("error").toString().contains("for packages called [com.vendor:*] only"), event::toString);
        assertTrue(Refusal.isOfLimitedKey(event.get("error").toString()), "the report tells it so");

        limit(KeyLimit.NONE);
        load("a.jar", key);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_POLLED", "SQLITE_POLLED"})
    void keyThatCountsForATimeOnly_isToldWhenThatIsOver_thoughNothingInTheStoreChanges(Hearing hearing)
            throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Instant end = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MICROS);
        limit(new KeyLimit(List.of(), end));
        Path file = load("a.jar", key);

        ahead = Duration.ofDays(2);

        assertFields(
                next("package.revoked.loaded"),
                "package_path",
                file,
                "reason",
                "key_limited",
                "revoked_by",
                ORG,
                "revoked_at",
                Rfc3339.format(end));
    }

    private void limit(KeyLimit limit) throws Exception {
        TrustLimits limits = new TrustLimits(keys, Clock.systemUTC(), new SecureRandom());
        assertTrue(limits.set(limits.ownKey(ORG, "release"), limit));
    }

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
