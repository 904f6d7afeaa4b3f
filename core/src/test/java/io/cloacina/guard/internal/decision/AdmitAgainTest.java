// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.sign.PackageSigner;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads that were decided on and recorded before, and are decided on again. */
class AdmitAgainTest {

    @TempDir
    Path folder;

    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    private final Map<String, String> settings = new HashMap<>();
    private Path events;
    private Path file;
    private PackageHash hash;
    private Load load;

    @BeforeEach
    void signOne() throws Exception {
        events = folder.resolve("events.jsonl");
        file = Files.writeString(folder.resolve("a.jar"), "a");
        PackageSigner.writingFiles(key, Clock.systemUTC()).sign(file);
        hash = PackageSnapshot.hash(file);
        load = Load.ofFile(Load.Kind.JAR, file, "a hook", "a loader");
        Files.writeString(folder.resolve("key.pem"), Pem.write(key.publicKey()));
        settings.put("cloacina.require_signatures", "true");
        settings.put("cloacina.trusted_keys", folder.resolve("key.pem").toString());
        settings.put("cloacina.audit", "file:" + events);
    }

    private Guard open() throws ConfigException {
        return Guard.open(GuardConfig.read(settings, Map.of()), Clock.systemUTC());
    }

    private List<Map<String, Object>> events(String type) throws Exception {
        return JsonLines.events(type, Files.readAllLines(events));
    }

    @Test
    void admitAgain_stillTrusted_isAllowedWithoutAnEvent() throws Exception {
        try (Guard guard = open()) {
            guard.admit(load, hash);
            Admission.Allowed again =
                    assertInstanceOf(Admission.Allowed.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(key.publicKey().fingerprint(), again.signer());
            assertEquals(hash, again.packageHash());
            assertTrue(!again.copied());
        }
        assertEquals(1, events("package.load.success").size());
        assertFields(events("guard.stopped").get(0), "verified", 1);
    }

    @Test
    void admitAgain_whatOneOfItsCoversStillCovers_isAllowedWithoutAnEvent() throws Exception {
        Path inner = Files.writeString(folder.resolve("inner.jar"), "inner");
        Cover unsigned = new Cover(inner.toString(), PackageSnapshot.hash(inner), folder.resolve("inner.jar.sig"));
        Cover signed = new Cover(file.toString(), hash, folder.resolve("a.jar.sig"));
        Load covered = Load.ofFile(Load.Kind.JAR, inner, "a hook", "a loader");
        try (Guard guard = open()) {
            Admission.Allowed again = assertInstanceOf(
                    Admission.Allowed.class,
                    guard.admitAgain(
                            covered, inner, PackageSnapshot.hash(inner), (l, f, h) -> List.of(unsigned, signed)));
            assertEquals(signed, again.cover());
            assertInstanceOf(
                    Admission.Denied.class,
                    guard.admitAgain(covered, inner, PackageSnapshot.hash(inner), Covers.just(unsigned)));
        }
        assertEquals(0, events("package.load.success").size());
        assertEquals(1, events("package.load.failure").size());
    }

    @Test
    void admitAgain_signatureThatIsGone_isDeniedWithAnEvent() throws Exception {
        try (Guard guard = open()) {
            guard.admit(load, hash);
            Files.delete(folder.resolve("a.jar.sig"));

            Admission.Denied denied =
                    assertInstanceOf(Admission.Denied.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(Refusal.SIGNATURE_NOT_FOUND, denied.reason());
        }
        assertEquals(1, events("package.load.success").size());
        assertEquals(1, events("package.load.failure").size());
    }

    @Test
    void admitAgain_signatureThatIsGoneInAuditMode_isAllowedAsUnsigned() throws Exception {
        settings.put("cloacina.require_signatures", "false");
        try (Guard guard = open()) {
            guard.admit(load, hash);
            Files.delete(folder.resolve("a.jar.sig"));

            Admission.Allowed again =
                    assertInstanceOf(Admission.Allowed.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(null, again.signer());
        }
        assertEquals(1, events("package.load.success").size());
        assertEquals(0, events("package.load.failure").size());
    }
}
