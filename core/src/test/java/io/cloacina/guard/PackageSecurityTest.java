// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSink;
import io.cloacina.guard.audit.EncodedEvent;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.RefusedPackageException;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The public API with a store, and the events that it writes. */
class PackageSecurityTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final UUID CHILD = UUID.fromString("9a6f7f0e-33c5-4c1e-8f5a-6d1b2f6f4f10");
    private static final String KEK = "00112233445566778899aabbccddeeff".repeat(2);
    private static final Pattern TYPE = Pattern.compile("\"event_type\":\"([^\"]*)\"");

    @TempDir
    Path directory;

    private final Memory memory = new Memory();
    private AuditLog log;
    private Path plugin;
    private Path kekFile;
    private PackageSecurity security;

    /** Keeps what it gets, unless it is told to fail. */
    private static final class Memory implements AuditSink {
        private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
        private volatile boolean failing;

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

    private SecurityConfig.Builder config() {
        return SecurityConfig.builder()
                .store(directory.resolve("trust.db"))
                .organisation(ORG)
                .keyEncryptionKeyFile(kekFile)
                .audit(log);
    }

    /** The types of the events since the last call. */
    private List<String> events() {
        return lines().stream()
                .map(line -> {
                    Matcher type = TYPE.matcher(line);
                    assertTrue(type.find(), line);
                    return type.group(1);
                })
                .toList();
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (String line = memory.lines.poll(); line != null; line = memory.lines.poll()) {
            lines.add(line);
        }
        return lines;
    }

    private static KeyException refused(Reason reason, Executable call) {
        KeyException e = assertThrows(KeyException.class, call);
        assertEquals(reason, e.reason());
        return e;
    }

    private void makeReleaseKey() throws GuardException {
        security.keys().create("release");
        security.trust().addOwn("release");
        lines();
    }

    private Path newKeyFile(String name) throws IOException {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Files.writeString(directory.resolve(name + ".pub"), Pem.write(key.publicKey()));
            return Files.write(directory.resolve(name), Pem.exposePrivateKey(key));
        }
    }

    @Test
    void keys_eachOperation_isOnRecord() throws Exception {
        assertEquals(List.of("store.initialised"), events());

        security.keys().create("release");
        security.keys().importPem("imported", newKeyFile("made.pem"));
        assertEquals(List.of("key.signing.created", "key.signing.created"), events());

        assertEquals(2, security.keys().list().size());
        assertEquals("release", security.keys().get("release").name());
        assertEquals(List.of(), events());

        String pem = security.keys().export("imported").pem();
        assertEquals(Files.readString(directory.resolve("made.pem.pub")), pem);
        List<String> exported = lines();
        assertEquals(1, exported.size());
        assertTrue(exported.get(0).contains("\"private\":false"), exported.get(0));

        Path secret = directory.resolve("secret.pem");
        security.keys().exportPrivateKey("imported", secret);
        assertEquals(Files.readString(directory.resolve("made.pem")), Files.readString(secret));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        exported = lines();
        assertEquals(1, exported.size());
        assertTrue(exported.get(0).contains("\"private\":true"), exported.get(0));

        assertTrue(security.keys().revoke("imported").changed());
        assertFalse(security.keys().revoke("imported").changed());
        assertEquals(List.of("key.signing.revoked"), events());

        try (Kek next = Kek.ofText("ff".repeat(32))) {
            assertEquals(2, security.keys().reseal(next));
        }
        assertEquals(List.of("key.resealed"), events());
        refused(Reason.WRONG_KEK, () -> security.keys().create("another"));
        assertEquals(List.of("key.signing.create_failed"), events());
    }

    @Test
    void keys_thatCannotBeMade_areOnRecord() throws Exception {
        makeReleaseKey();

        refused(Reason.NAME_TAKEN, () -> security.keys().create("release"));
        refused(Reason.BAD_NAME, () -> security.keys().create(""));
        refused(Reason.UNUSABLE_FILE, () -> security.keys().importPem("x", directory.resolve("absent.pem")));
        refused(Reason.MALFORMED_KEY, () -> security.keys().importPem("x", plugin));
        assertEquals(
                List.of("key.signing.create_failed"),
                events().stream().distinct().toList());

        Files.writeString(kekFile, "no key");
        refused(Reason.MALFORMED_KEK, () -> security.keys().create("x"));
        Files.delete(kekFile);
        KeyException e = refused(Reason.UNUSABLE_FILE, () -> security.keys().create("x"));
        assertEquals(
                "the key encryption key in [" + kekFile + "] cannot be read: there is no such file", e.getMessage());
        assertEquals(2, events().size());
    }

    @Test
    void privateKey_isNeitherWrittenOverAFile_norWithoutItsEvent() throws Exception {
        makeReleaseKey();
        refused(Reason.UNUSABLE_FILE, () -> security.keys().exportPrivateKey("release", plugin));
        assertEquals("the plugin", Files.readString(plugin));
        assertEquals(List.of(), events());

        memory.failing = true;
        Path secret = directory.resolve("secret.pem");
        assertThrows(AuditFailedException.class, () -> security.keys().exportPrivateKey("release", secret));
        assertFalse(Files.exists(secret));
    }

    @Test
    void keyEncryptionKey_notConfigured_isNamed() throws Exception {
        try (PackageSecurity without = SecurityConfig.builder()
                .store(directory.resolve("trust.db"))
                .organisation(ORG)
                .open()) {
            assertTrue(assertThrows(
                            IllegalStateException.class, () -> without.keys().create("x"))
                    .getMessage()
                    .contains("keyEncryptionKeyFile"));
            assertEquals(List.of(), without.keys().list());
        }
        try (Kek kek = Kek.ofText(KEK);
                PackageSecurity given = config().keyEncryptionKey(kek).open()) {
            given.keys().create("by the caller's key");
            given.keys().create("and once more");
        }
        refused(Reason.UNKNOWN_KEY, () -> security.keys().get("neither"));
        assertEquals(2, security.keys().list().size());
    }

    @Test
    void trust_eachOperation_isOnRecord() throws Exception {
        lines();
        Path pem = directory.resolve("vendor.pub");
        newKeyFile("vendor");
        assertTrue(security.trust().addPem(pem, "vendor").changed());
        assertFalse(security.trust().addPem(Files.readString(pem), "vendor").changed());
        assertEquals(List.of("key.trusted.added"), events());

        assertTrue(security.trust().revoke("vendor").changed());
        assertEquals(List.of("key.trusted.revoked"), events());
        byte[] raw = Pem.readPublicKey(Files.readAllBytes(pem)).raw();
        refused(Reason.TRUST_REVOKED, () -> security.trust().add(raw, null));
        assertEquals(List.of(), events());
        assertTrue(security.trust().reinstating().add(raw, null).changed());
        assertEquals(1, security.trust().list().size());

        security.trust().grant(CHILD);
        assertEquals(List.of("key.trusted.added", "key.trust_acl.granted"), events());
        assertEquals(CHILD, security.trust().grants().get(0).childOrgId());
        security.trust().ungrant(CHILD);
        assertEquals(List.of("key.trust_acl.revoked"), events());
        refused(Reason.NOT_GRANTED, () -> security.trust().ungrant(CHILD));
        refused(Reason.GRANT_REVOKED, () -> security.trust().grant(CHILD));
        assertTrue(security.trust().reinstating().grant(CHILD).changed());

        assertEquals(1, security.trust().revokeEverywhere("vendor").size());
        assertEquals(List.of(), security.trust().list());
        assertEquals(1, security.trust().listAll().size());
        refused(Reason.WEAK_KEY, () -> security.trust().add(new byte[32], null));
        refused(Reason.MALFORMED_KEY, () -> security.trust().addPem("no key", null));
        refused(Reason.UNUSABLE_FILE, () -> security.trust().addPem(directory, null));
    }

    @Test
    void package_signed_isStoredWrittenAndOnRecordOnce() throws Exception {
        makeReleaseKey();

        SignedPackage signed = security.signing("release").sign(plugin);

        assertTrue(signed.stored());
        assertEquals(DetachedSignature.pathFor(plugin), signed.signatureFile());
        List<String> lines = lines();
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("\"event_type\":\"package.signed\""), lines.get(0));
        assertTrue(lines.get(0).contains("\"package_path\":\"" + plugin + "\""), lines.get(0));
        assertTrue(security.signing("release").sign(plugin).unchanged());
        assertEquals(List.of(), events());

        for (SignatureSource source : SignatureSource.values()) {
            Verdict.Verified good =
                    security.verification().from(source).verify(plugin).orThrow();
            assertEquals("release", good.signerName());
        }
        assertEquals(3, events().stream().filter("verification.success"::equals).count());
    }

    @Test
    void signing_inOnePlaceOnly_leavesTheOtherAlone() throws Exception {
        makeReleaseKey();
        Signing signing = security.signing("release");

        assertFalse(signing.withoutStoring().sign(plugin).stored());
        assertEquals(List.of("package.signed"), events());
        assertEquals(
                Refusal.SIGNATURE_NOT_FOUND,
                refusalOf(security.verification().from(SignatureSource.DATABASE).verify(plugin)));

        Files.delete(DetachedSignature.pathFor(plugin));
        assertTrue(signing.withoutFile().sign(plugin).stored());
        assertFalse(Files.exists(DetachedSignature.pathFor(plugin)));
        assertThrows(
                IllegalStateException.class,
                () -> signing.withoutFile().withoutStoring().sign(plugin));
    }

    private static Refusal refusalOf(Verdict verdict) {
        return assertThrows(RefusedPackageException.class, verdict::orThrow).reason();
    }

    @Test
    void signing_thatFails_isOnRecord() throws Exception {
        makeReleaseKey();
        Path signature = DetachedSignature.pathFor(plugin);
        Files.writeString(signature, "untrusted comment: of another program");

        SigningException e = assertThrows(
                SigningException.class, () -> security.signing("release").sign(plugin));
        assertEquals(SigningException.Reason.FOREIGN_SIGNATURE, e.reason());
        refused(Reason.UNKNOWN_KEY, () -> security.signing("absent").sign(plugin));
        assertThrows(SigningException.class, () -> security.signing("release").sign(directory.resolve("absent.jar")));
        assertEquals(List.of("package.sign.failure", "package.sign.failure", "package.sign.failure"), events());

        security.signing("release").overwritingForeign().sign(plugin);
        assertTrue(DetachedSignature.read(signature).isPresent());
        security.keys().revoke("release");
        refused(Reason.SIGNING_KEY_REVOKED, () -> security.signing("release").sign(plugin));
    }

    @Test
    void signature_thatCannotBeRecorded_isNotWritten_andIsRecordedByTheNext() throws Exception {
        makeReleaseKey();
        memory.failing = true;
        assertThrows(
                AuditFailedException.class, () -> security.signing("release").sign(plugin));
        assertFalse(Files.exists(DetachedSignature.pathFor(plugin)));
        security.close();

        memory.failing = false;
        try (AuditLog working = new AuditLog(Clock.systemUTC(), List.of(memory));
                PackageSecurity next = config().audit(working).open()) {
            next.signing("release").sign(plugin);
        }

        assertTrue(Files.exists(DetachedSignature.pathFor(plugin)));
        List<String> signed = lines().stream()
                .filter(line -> line.contains("\"package.signed\""))
                .toList();
        assertTrue(signed.stream().anyMatch(line -> line.contains("\"recovered\":true")), signed.toString());
    }

    @Test
    void packageInMemory_isSignedAndVerified() throws Exception {
        makeReleaseKey();
        byte[] content = Files.readAllBytes(plugin);

        DetachedSignature signature = security.signing("release").sign(content);
        Path file = directory.resolve("elsewhere.sig");
        signature.writeTo(file);

        List<String> lines = lines();
        assertTrue(lines.get(0).contains("\"package_path\":null"), lines.get(0));
        security.verification().verify(content, file).orThrow();
        assertEquals(
                Refusal.SIGNATURE_NOT_FOUND, refusalOf(security.verification().verify(content, null)));
        security.signing("release").withoutFile().sign(plugin);
        security.verification().verify(content, null).orThrow();
    }

    @Test
    void copy_isWhatWasVerified_andIsGoneIfRefused() throws Exception {
        makeReleaseKey();
        Path copy = directory.resolve("copy.jar");
        RefusedPackageException e = assertThrows(
                RefusedPackageException.class, () -> security.verification().copy(plugin, copy));
        assertTrue(e.getMessage().startsWith("SignatureNotFound: "), e.getMessage());
        assertEquals(e.verdict().reason(), e.reason());
        assertFalse(Files.exists(copy));
        assertEquals(List.of("verification.failure"), events());

        security.signing("release").sign(plugin);
        VerifiedCopy verified = security.verification().copy(plugin, copy);
        Files.writeString(plugin, "another by now");
        assertEquals("the plugin", Files.readString(verified.path()));
        assertEquals("release", verified.verdict().signerName());

        assertEquals(
                Refusal.UNREADABLE_PACKAGE,
                assertThrows(
                                RefusedPackageException.class,
                                () -> security.verification().copy(plugin, copy))
                        .reason());
        assertEquals("the plugin", Files.readString(copy));
    }

    @Test
    void directory_isOnePackage() throws Exception {
        makeReleaseKey();
        Path tree = Files.createDirectories(directory.resolve("classes/org")).getParent();
        Files.writeString(tree.resolve("org/A.class"), "a");
        security.signing("release").sign(tree.resolve("org/.."));

        assertTrue(Files.exists(directory.resolve("classes.sig")));
        VerifiedCopy verified = security.verification().copy(tree, directory.resolve("copy"));
        assertEquals("a", Files.readString(verified.path().resolve("org/A.class")));

        Files.writeString(tree.resolve("org/B.class"), "b");
        Path refused = directory.resolve("refused");
        assertThrows(
                RefusedPackageException.class, () -> security.verification().copy(tree, refused));
        assertFalse(Files.exists(refused));
        assertThrows(
                IllegalArgumentException.class, () -> security.verification().verify(directory.getRoot()));
    }

    @Test
    void severalSigners_canBeRequired() throws Exception {
        makeReleaseKey();
        security.keys().create("second");
        security.signing("release").withoutFile().sign(plugin);
        Verification two = security.verification().requiringSigners(2);
        assertEquals("TooFewSigners", refusalOf(two.verify(plugin)).errorName());

        security.trust().addOwn("second");
        security.signing("second").withoutFile().sign(plugin);
        assertEquals(2, two.verify(plugin).orThrow().signers().size());
        assertThrows(IllegalArgumentException.class, () -> two.requiringSigners(10));
    }

    @Test
    void packages_withdrawnOrLimited_areRefusedAndOnRecord() throws Exception {
        makeReleaseKey();
        PackageHash hash = security.signing("release").sign(plugin).packageHash();
        lines();

        assertTrue(security.packages().withdraw(hash, "it leaks").changed());
        assertEquals("WithdrawnPackage", refusalOf(security.verify(plugin)).errorName());
        assertEquals(hash, security.packages().withdrawn().get(0).packageHash());
        assertTrue(security.packages().reinstate(hash).changed());
        security.verify(plugin).orThrow();
        assertEquals(
                List.of("package.withdrawn", "verification.failure", "package.reinstated", "verification.success"),
                events());

        assertTrue(security.trust().limit("release", new KeyLimit(List.of("org.example:*"), null)));
        assertEquals(Refusal.UNTRUSTED_SIGNER, refusalOf(security.verify(plugin)));
        assertTrue(security.trust().limit("release", KeyLimit.NONE));
        security.verify(plugin).orThrow();

        assertTrue(security.packages().setFloor("org.example:a", "2.0").changed());
        assertEquals("2.0", security.packages().floors().get(0).minimumVersion());
        assertTrue(security.packages().removeFloor("org.example:a"));
        assertEquals(List.of(), security.packages().floors());
    }

    @Test
    void verdict_thatCannotBeRecorded_isNotGiven() throws Exception {
        makeReleaseKey();
        security.signing("release").sign(plugin);
        memory.failing = true;

        assertThrows(AuditFailedException.class, () -> security.verify(plugin));
        Path copy = directory.resolve("copy.jar");
        assertThrows(AuditFailedException.class, () -> security.verification().copy(plugin, copy));
        assertFalse(Files.exists(copy));
    }

    @Test
    void store_thatIsNotThere_isSaid() throws Exception {
        try (PackageSecurity absent =
                config().store(directory.resolve("absent.db")).open()) {
            lines();
            assertThrows(StoreUnavailableException.class, () -> absent.keys().list());
            assertThrows(StoreUnavailableException.class, () -> absent.keys().create("x"));
            assertEquals(Refusal.STORE_UNAVAILABLE, refusalOf(absent.verify(plugin)));
        }
        assertFalse(Files.exists(directory.resolve("absent.db")));
    }

    @Test
    void configuration_thatIsIncomplete_isNamed() {
        assertTrue(assertThrows(NullPointerException.class, SecurityConfig.builder()::build)
                .getMessage()
                .contains("store(...)"));
        SecurityConfig.Builder builder = SecurityConfig.builder().store("postgres://user:s3cret@host/trust");
        assertTrue(assertThrows(NullPointerException.class, builder::build)
                .getMessage()
                .contains("organisation(...)"));
        assertThrows(IllegalArgumentException.class, () -> builder.store("mysql://host"));
        assertThrows(IllegalArgumentException.class, () -> builder.timeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.connections(9));
        assertFalse(builder.organisation(ORG).build().toString().contains("s3cret"));
    }

    @Test
    void offline_needsNoStoreAndCanBeAudited() throws Exception {
        lines();
        Path key = newKeyFile("ci.pem");
        Clock clock = Clock.fixed(Instant.parse("2026-01-28T12:00:00Z"), ZoneOffset.UTC);
        SignedPackage signed =
                Signing.offline(key).clock(clock).auditedBy(log, ORG).sign(plugin);
        assertEquals(clock.instant(), signed.signature().signedAt());
        assertFalse(signed.stored());

        Path pub = directory.resolve("ci.pem.pub");
        Verification offline = Verification.offline(pub).auditedBy(log, null);
        offline.verify(plugin).orThrow();
        Verification.offline(Pem.readPublicKey(Files.readAllBytes(pub)).raw())
                .verify(plugin)
                .orThrow();
        assertEquals(List.of("package.signed", "verification.success"), events());

        newKeyFile("other.pem");
        assertEquals(
                Refusal.UNTRUSTED_SIGNER,
                refusalOf(
                        Verification.offline(directory.resolve("other.pem.pub")).verify(plugin)));
        assertThrows(IllegalArgumentException.class, () -> offline.from(SignatureSource.DATABASE));
        assertThrows(
                IllegalStateException.class,
                () -> Signing.offline(key).withoutFile().sign(plugin));
        assertThrows(IllegalStateException.class, () -> security.verification().auditedBy(log, CHILD));
        assertThrows(IllegalStateException.class, () -> security.signing("x").auditedBy(log, CHILD));
        refused(Reason.UNUSABLE_FILE, () -> Verification.offline(directory.resolve("absent.pem")));
        refused(Reason.MALFORMED_KEY, () -> Verification.offline(plugin));
        refused(Reason.MALFORMED_KEY, () -> Signing.offline(pub).sign(plugin));
    }

    @Test
    void manyThreads_eachHasItsEvent() throws Exception {
        makeReleaseKey();
        int packages = 24;
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < packages; i++) {
                Path one = Files.writeString(directory.resolve("plugin-" + i + ".jar"), "plugin " + i);
                all.add(threads.submit(() -> {
                    security.signing("release").sign(one);
                    return security.verify(one).orThrow();
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }

        List<String> types = events();
        assertEquals(packages, types.stream().filter("package.signed"::equals).count());
        assertEquals(
                packages, types.stream().filter("verification.success"::equals).count());
        assertEquals(2 * packages, types.size());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    packages,
                    files.filter(file -> file.toString().endsWith(".sig")).count());
        }
    }
}
