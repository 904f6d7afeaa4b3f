// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSink;
import io.cloacina.guard.audit.EncodedEvent;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.PostgresServer;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.store.StoreUrl;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;

/** A guard with a watch on a real store, and what is recorded, which is waited for in the stream of events. */
abstract class RevocationWatchFixture {

    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");

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
    final List<Map<String, Object>> read = new ArrayList<>();
    final Map<String, String> settings = new HashMap<>();
    final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    String database;
    JdbiStore keys;
    TrustManager manager;
    private StoreOnDemand asked;
    Guard guard;
    int copies;
    volatile Duration ahead = Duration.ZERO;
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

    void open(Hearing hearing) throws Exception {
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

    void sql(String statements) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "secret");
        String address = PostgresServer.address(database, "postgres").replaceFirst("postgres://[^@]*@", "");
        try (Connection connection = new Driver().connect("jdbc:postgresql://" + address, properties);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    Path load(String name, Ed25519PrivateKey signer) throws Exception {
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
    Map<String, Object> next(String type) throws InterruptedException {
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
}
