// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.RefusedPackageException;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The public API of signing and verifying with a store, and the events that it writes. */
class PackageSecurityTest extends PackageSecurityFixture {

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

    @Test
    void signing_inNoPlace_isRefused() throws Exception {
        makeReleaseKey();
        Path pem = newKeyFile("ci.pem");

        assertThrows(
                IllegalStateException.class,
                () -> security.signing("release").withoutFile().withoutStoring());
        assertThrows(IllegalStateException.class, () -> Signing.offline(pem).withoutFile());
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
