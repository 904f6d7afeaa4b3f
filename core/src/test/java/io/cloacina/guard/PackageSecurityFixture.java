// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSink;
import io.cloacina.guard.audit.EncodedEvent;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.RefusedPackageException;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A store, a package and an audit log in memory, for tests of the public API. */
abstract class PackageSecurityFixture {

    static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    static final UUID CHILD = UUID.fromString("9a6f7f0e-33c5-4c1e-8f5a-6d1b2f6f4f10");
    static final String KEK = "00112233445566778899aabbccddeeff".repeat(2);
    static final Pattern TYPE = Pattern.compile("\"event_type\":\"([^\"]*)\"");

    @TempDir
    Path directory;

    final Memory memory = new Memory();
    AuditLog log;
    Path plugin;
    Path kekFile;
    PackageSecurity security;

    /** Keeps what it gets, unless it is told to fail. */
    static final class Memory implements AuditSink {
        private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        volatile boolean failing;

        @Override
        public void write(EncodedEvent event) throws IOException {
            if (failing) {
                throw new IOException("told to fail");
            }
            lines.add(new String(event.line(), StandardCharsets.US_ASCII));
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void open() throws Exception {
        log = new AuditLog(Clock.systemUTC(), List.of(memory));
        plugin = Files.writeString(directory.resolve("plugin.jar"), "the plugin");
        kekFile = Files.writeString(directory.resolve("kek"), KEK);
        security = config().create();
    }

    @AfterEach
    void close() throws Exception {
        security.close();
        log.close();
    }

    SecurityConfig.Builder config() {
        return SecurityConfig.builder()
                .store(directory.resolve("trust.db"))
                .organisation(ORG)
                .keyEncryptionKeyFile(kekFile)
                .audit(log);
    }

    /** The types of the events since the last call. */
    List<String> events() {
        return lines().stream()
                .map(line -> {
                    Matcher type = TYPE.matcher(line);
                    assertTrue(type.find(), line);
                    return type.group(1);
                })
                .toList();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (String line = memory.lines.poll(); line != null; line = memory.lines.poll()) {
            lines.add(line);
        }
        return lines;
    }

    static KeyException refused(Reason reason, Executable call) {
        KeyException e = assertThrows(KeyException.class, call);
        assertEquals(reason, e.reason());
        return e;
    }

    void makeReleaseKey() throws GuardException {
        security.keys().create("release");
        security.trust().addOwn("release");
        lines();
    }

    Path newKeyFile(String name) throws IOException {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Files.writeString(directory.resolve(name + ".pub"), Pem.write(key.publicKey()));
            return Files.write(directory.resolve(name), Pem.exposePrivateKey(key));
        }
    }

    static Refusal refusalOf(Verdict verdict) {
        return assertThrows(RefusedPackageException.class, verdict::orThrow).reason();
    }
}
