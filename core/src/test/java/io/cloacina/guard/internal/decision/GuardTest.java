// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardTest extends GuardFixture {

    private Admission admit(Path file) throws Exception {
        try (Guard guard = setup.open()) {
            return guard.admit(Load.ofFile(Load.Kind.JAR, file, "a hook", "a loader"), copy);
        }
    }

    /** The first event of a type. */
    private Map<String, Object> event(String type) throws IOException {
        return setup.events(type).get(0);
    }

    @Test
    void admit_signedByTrustedKey_isAllowedAsItsCopyAndRecorded() throws Exception {
        Path file = plugin("a.jar", true);

        Admission.Allowed allowed = assertInstanceOf(Admission.Allowed.class, admit(file));

        assertTrue(allowed.copied() && allowed.verified());
        assertEquals(-1, Files.mismatch(file, copy));
        Map<String, Object> event = event("package.load.success");
        assertFields(
                event, "signature_verified", true, "package_path", file, "hook", "a hook", "class_loader", "a loader");
    }

    @Test
    void admit_unsigned_isDeniedWithTheCommandThatWouldMendIt() throws Exception {
        Path file = plugin("it's.jar", false);

        Admission.Denied denied = assertInstanceOf(Admission.Denied.class, admit(file));

        assertEquals(Refusal.SIGNATURE_NOT_FOUND, denied.reason());
        assertTrue(
                denied.message().contains("sign --private-key KEY.pem '" + plugins + "/it'\\''s.jar'"),
                denied.message());
        assertFields(event("package.load.failure"), "failure_reason", "signature_not_found");
    }

    @Test
    void admit_unsignedDirectory_isDeniedWithACommandThatTheCommandLineTakes() throws Exception {
        plugin("a.class", false);
        try (Guard guard = setup.open()) {
            Admission.Denied denied = assertInstanceOf(
                    Admission.Denied.class, guard.admit(Load.ofFile(Load.Kind.DIRECTORY, plugins, "hook", null), copy));

            assertTrue(denied.message().contains("sign --private-key KEY.pem --tree " + plugins), denied.message());
        }
    }

    @Test
    void admit_auditMode_isAllowedAndRecordedAsWhatItWouldBe() throws Exception {
        setup.settings.put("cloacina.require_signatures", "false");

        Admission.Allowed allowed = assertInstanceOf(Admission.Allowed.class, admit(plugin("a.jar", false)));

        assertFalse(allowed.verified());
        assertTrue(allowed.copied());
        Map<String, Object> event = event("package.load.success");
        assertFields(event, "signature_verified", false, "failure_reason", "signature_not_found");
    }

    @Test
    void admit_missingFile_isDeniedAsUnreadable() throws Exception {
        Admission.Denied denied = assertInstanceOf(Admission.Denied.class, admit(plugins.resolve("nope.jar")));

        assertEquals(Refusal.UNREADABLE_PACKAGE, denied.reason());
        assertFields(event("package.load.failure"), "package_hash", null);
    }

    @Test
    void admit_exempt_isAllowedUnreadAndRecorded() throws Exception {
        setup.settings.put("cloacina.exempt", plugins + "/*.jar");

        Admission.Allowed allowed = assertInstanceOf(Admission.Allowed.class, admit(plugin("a.jar", false)));

        assertFalse(allowed.copied() || allowed.verified());
        assertFields(event("package.load.success"), "failure_reason", "exempt");
    }

    @Test
    void admit_linkOutOfAnExemptDirectory_isNotExempt() throws Exception {
        setup.settings.put("cloacina.exempt", plugins + "/*.jar");
        Path outside = Files.writeString(directory.resolve("outside.jar"), "x");
        Path link = Files.createSymbolicLink(plugins.resolve("link.jar"), outside);

        assertInstanceOf(Admission.Denied.class, admit(link));
    }

    @Test
    void admit_coveredByVerifiedPackage_isAllowedAndNamesIt() throws Exception {
        Path outer = plugin("outer.jar", true);
        Path inner = plugin("inner.so", false);
        Cover cover = new Cover(outer.toString(), PackageSnapshot.hash(outer), plugins.resolve("outer.jar.sig"));
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.NATIVE, inner, "hook", null);
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, copy, (l, file, hash) -> List.of(cover)));
        }
        assertFields(event("package.load.success"), "covered_by", outer);
    }

    @Test
    void admit_coveredByUnsignedPackage_isDenied() throws Exception {
        Path outer = plugin("outer.jar", false);
        Cover cover = new Cover(outer.toString(), PackageSnapshot.hash(outer), null);
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.NATIVE, plugin("inner.so", false), "hook", null);
            assertInstanceOf(Admission.Denied.class, guard.admit(load, copy, (l, file, hash) -> List.of(cover)));
        }
    }

    @Test
    void admit_coveredByUnsignedPackageInAuditMode_isRecordedAsCovered() throws Exception {
        setup.settings.put("cloacina.require_signatures", "false");
        Path outer = plugin("outer.jar", false);
        Cover cover = new Cover(outer.toString(), PackageSnapshot.hash(outer), null);
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.NATIVE, plugin("inner.so", false), "hook", null);
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, copy, (l, file, hash) -> List.of(cover)));
        }
        Map<String, Object> event = event("package.load.success");
        assertFields(event, "covered_by", outer, "signature_verified", false);
        assertNull(event.get("failure_reason"), event::toString);
    }

    @Test
    void admit_coveredBySeveral_isAllowedIfOneVerifies() throws Exception {
        Path unsigned = plugin("unsigned.jar", false);
        Path signed = plugin("signed.jar", true);
        Cover bad = new Cover(unsigned.toString(), PackageSnapshot.hash(unsigned), null, false);
        Cover good =
                new Cover(signed.toString(), PackageSnapshot.hash(signed), plugins.resolve("signed.jar.sig"), false);
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.JAR, plugin("inner.jar", false), "hook", null);
            Admission.Allowed allowed = assertInstanceOf(
                    Admission.Allowed.class, guard.admit(load, copy, (l, file, hash) -> List.of(bad, good)));
            assertEquals(good, allowed.cover());
        }
        assertFields(event("package.load.success"), "covered_by", signed);
    }

    @Test
    void admit_whatOnlyAnUnsignedPackageHolds_isDeniedAndNamesThat() throws Exception {
        Path outer = plugin("outer.war", false);
        Cover cover = new Cover(outer.toString(), PackageSnapshot.hash(outer), plugins.resolve("outer.war.sig"), false);
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.JAR, plugin("inner.jar", false), "hook", null);
            Admission.Denied denied = assertInstanceOf(
                    Admission.Denied.class, guard.admit(load, copy, (l, file, hash) -> List.of(cover)));
            assertTrue(denied.message().contains("sign --private-key KEY.pem " + outer), denied.message());
        }
        assertFields(event("package.load.failure"), "covered_by", outer);
    }

    @Test
    void admitContaining_asksForNothingButGoodOnes_andRecordsOthersOnlyWhenToldTo() throws Exception {
        Path unsigned = plugin("unsigned.jar", false);
        Path signed = plugin("signed.jar", true);
        try (Guard guard = setup.open()) {
            Load bad = Load.ofFile(Load.Kind.JAR, unsigned, "hook", null);
            assertEquals(null, guard.admitContaining(bad, PackageSnapshot.hash(unsigned), false, true));
            assertInstanceOf(
                    Admission.Denied.class, guard.admitContaining(bad, PackageSnapshot.hash(unsigned), false, false));
            Load good = Load.ofFile(Load.Kind.JAR, signed, "hook", null);
            assertInstanceOf(
                    Admission.Allowed.class, guard.admitContaining(good, PackageSnapshot.hash(signed), false, true));
        }
        assertFields(event("package.load.success"), "covered_by", signed);
        assertFields(event("package.load.failure"), "package_path", unsigned);
    }

    @Test
    void admit_bytes_areJudgedByTheirHash() throws Exception {
        Path file = plugin("a.jar", true);
        try (Guard guard = setup.open()) {
            Load load = Load.ofFile(Load.Kind.CLASS, file, "hook", null);
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, Files.readAllBytes(file)));
            assertEquals(
                    Refusal.TAMPERED_PACKAGE,
                    assertInstanceOf(Admission.Denied.class, guard.admit(load, new byte[] {1}))
                            .reason());
        }
    }

    @Test
    void dynamicCode_denied_isRefusedAndElseCounted() throws Exception {
        Load load = Load.ofUrl(Load.Kind.CLASS, null, "a proxy", "hook", null);
        try (Guard guard = setup.open()) {
            assertInstanceOf(Admission.Allowed.class, guard.dynamicCode(load, "class X"));
        }
        assertFields(event("guard.stopped"), "dynamic_classes", 1);
        setup.settings.put("cloacina.dynamic_code", "deny");
        try (Guard guard = setup.open()) {
            assertEquals(
                    Refusal.DYNAMIC_CODE,
                    assertInstanceOf(Admission.Denied.class, guard.dynamicCode(load, "class X"))
                            .reason());
        }
    }

    @Test
    void differentClass_withoutPermission_isTamperedAndElseRecordedOnce() throws Exception {
        Load load = Load.ofUrl(Load.Kind.CLASS, null, "a.jar", "hook", null);
        PackageHash hash = PackageHash.ofContent(new byte[0]);
        try (Guard guard = setup.open()) {
            Admission.Denied denied =
                    assertInstanceOf(Admission.Denied.class, guard.differentClass(load, "X", hash, true));
            assertEquals(Refusal.TAMPERED_PACKAGE, denied.reason());
            assertTrue(denied.message().contains("cloacina.woven_classes=allow"), denied.message());
        }
        setup.settings.put("cloacina.woven_classes", "allow");
        Files.delete(setup.events);
        try (Guard guard = setup.open()) {
            guard.differentClass(load, "X", hash, true);
            guard.differentClass(load, "Y", hash, false);
        }
        assertEquals(
                1,
                JsonLines.objects(Files.readAllLines(setup.events)).stream()
                        .filter(event -> Boolean.TRUE.equals(event.get("woven")))
                        .count());
        assertFields(event("guard.stopped"), "woven_classes", 2);
    }

    @Test
    void admit_eventThatCannotBeWritten_isDeniedWhenEnforcingAndAllowedElse() throws Exception {
        Path full = Path.of("/dev/full");
        if (!Files.exists(full)) {
            return;
        }
        setup.settings.put("cloacina.audit", "file:" + full);
        Path file = plugin("a.jar", true);
        Load load = Load.ofFile(Load.Kind.JAR, file, "hook", null);

        Guard enforcing = setup.open();
        assertEquals(
                Refusal.AUDIT_UNAVAILABLE,
                assertInstanceOf(Admission.Denied.class, enforcing.admit(load, copy))
                        .reason());
        setup.settings.put("cloacina.require_signatures", "false");
        Files.deleteIfExists(copy);
        assertInstanceOf(Admission.Allowed.class, setup.open().admit(load, copy));
    }

    @Test
    void admit_storeThatIsNotThere_isDeniedAsUnavailable() throws Exception {
        setup.settings.put("cloacina.database_url", "sqlite://" + directory.resolve("nope.db"));
        setup.settings.put("cloacina.verification_org_id", "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");

        assertEquals(
                Refusal.STORE_UNAVAILABLE,
                assertInstanceOf(Admission.Denied.class, admit(plugin("a.jar", true)))
                        .reason());
    }
}
