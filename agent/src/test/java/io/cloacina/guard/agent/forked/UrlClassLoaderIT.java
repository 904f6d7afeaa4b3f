// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.PackageDefiningHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** JARs and directories in a {@code URLClassLoader}, with trusted keys from files. */
class UrlClassLoaderIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");

    private void assertRefused(Result result, Path file, String reason) {
        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), () -> "its code ran: " + result);
        assertTrue(result.out().contains("NOT FOUND 1") && result.out().contains("NOT FOUND 2"), result::toString);
        assertEquals(2, result.out().split("BECAUSE PackageRefusedException", -1).length - 1, result::toString);
        assertTrue(result.out().contains("(" + reason + ")"), result::toString);
        assertEquals(List.of(), result.events("package.load.success"), result::toString);
        LoggedEvent event = result.event("package.load.failure");
        event.assertHas("failure_reason", reason, "package_path", file);
        event.assertMatches("class_loader", "java\\.net\\.URLClassLoader@.*");
    }

    @EachJdk
    void jar_signedByTrustedKey_loads(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));

        Result result = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar);

        assertEquals("LOADED 1\nLOADED 2\nRESOURCE good\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker));
        LoggedEvent event = result.event("package.load.success");
        event.assertHas("signature_verified", true, "kind", "jar");
        event.assertHas("signer_fingerprint", packages.key().publicKey().fingerprint());
    }

    @EachJdk
    void jar_unsigned_isAsIfItWereNotThere(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "evil");

        Result result = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar);

        assertRefused(result, jar, "signature_not_found");
        assertTrue(result.out().contains("RESOURCE none"), result::toString);
        assertTrue(result.out().contains("sign --private-key KEY.pem"), "says what to do: " + result);
    }

    @EachJdk
    void jar_withOneBitFlippedAfterSigning_isRefused(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        Packages.flipOneBit(jar);

        assertRefused(fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar), jar, "tampered_package");
    }

    @EachJdk
    void jar_signedByStranger_isRefused(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "evil");
        Packages.sign(jar, Ed25519PrivateKey.generate(new SecureRandom()));

        assertRefused(fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar), jar, "untrusted_signer");
    }

    @EachJdk
    void jar_withBrokenSignatureFile_isRefused(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "evil");
        Files.writeString(fixture.file("plugin.jar.sig"), "{}");

        assertRefused(fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar), jar, "malformed_signature");
    }

    @EachJdk
    void folder_signedAsTree_loadsFromItsCopy(Jdk jdk) throws Exception {
        Path classes = packages.sign(packages.classes("classes", marker, "good"));

        Result result = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, classes);

        assertTrue(result.out().startsWith("LOADED 1\nLOADED 2\n"), result::toString);
        result.events("package.load.success").get(0).assertHas("kind", "directory");
    }

    @EachJdk
    void folder_unsigned_isRefused(Jdk jdk) throws Exception {
        Path classes = packages.classes("classes", marker, "evil");

        assertRefused(
                fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, classes), classes, "signature_not_found");
    }

    @EachJdk
    void goodJar_besideABadOne_loads(Jdk jdk) throws Exception {
        Path bad = packages.jar("bad.jar", fixture.file("bad-marker"), "evil");
        Path good = packages.sign(packages.jar("good.jar", marker, "good"));

        Result result = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, bad, good);

        assertTrue(result.out().startsWith("LOADED 1\nLOADED 2\nRESOURCE good"), result::toString);
        assertFalse(Files.exists(fixture.file("bad-marker")), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk
    void jar_namedByClassPathOfSignedJar_needsItsOwnSignature(Jdk jdk) throws Exception {
        Path library = packages.jar("library.jar", marker, "evil");
        Path manifest = fixture.newDirectory("main/META-INF").resolve("MANIFEST.MF");
        Files.writeString(manifest, "Manifest-Version: 1.0\nClass-Path: library.jar\n");
        Path main = packages.sign(Packages.zip(fixture.file("main"), fixture.file("main.jar")));

        Result refused = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, main);
        assertFalse(Files.exists(marker), refused::toString);
        refused.events("package.load.failure").get(0).assertMentions("package_path", library);

        packages.sign(library);
        Result loaded = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, main);
        assertTrue(loaded.out().startsWith("LOADED 1"), loaded::toString);
    }

    @EachJdk
    void auditMode_unsignedJar_loadsAndIsRecorded(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "anything");

        Result result = fixture.jvm(jdk)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(UrlHost.class, Packages.PLUGIN, jar);

        assertTrue(result.out().startsWith("LOADED 1"), result::toString);
        LoggedEvent event = result.events("package.load.success").get(0);
        event.assertHas("signature_verified", false, "failure_reason", "signature_not_found");
    }

    @EachJdk
    void exemptJar_loadsAndIsRecordedAsExempt_butNotThroughALinkThatLeadsOut(Jdk jdk) throws Exception {
        Path inside = fixture.newDirectory("exempt");
        Path jar = packages.jar("exempt/plugin.jar", marker, "anything");

        Result result =
                fixture.enforcing(jdk).set("cloacina.exempt", inside + "/**").run(UrlHost.class, Packages.PLUGIN, jar);
        assertTrue(result.out().startsWith("LOADED 1"), result::toString);
        result.events("package.load.success").get(0).assertHas("failure_reason", "exempt");

        Files.delete(marker);
        Path outside = packages.jar("outside.jar", marker, "evil");
        Path link = Files.createSymbolicLink(inside.resolve("link.jar"), outside);
        Result refused =
                fixture.enforcing(jdk).set("cloacina.exempt", inside + "/**").run(UrlHost.class, Packages.PLUGIN, link);
        assertRefused(refused, link, "signature_not_found");
    }

    @EachJdk
    void missingJar_makesNoEvent(Jdk jdk) throws Exception {
        Result result = fixture.enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, fixture.file("none.jar"));

        assertEquals("NOT FOUND 1\nNOT FOUND 2\nRESOURCE none\n", result.out(), result::toString);
        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }

    @EachJdk
    void copies_afterTheJvmEnded_areGone(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        Path pins = fixture.file("pins");

        Result result =
                fixture.enforcing(jdk).set("cloacina.pin_directory", pins).run(UrlHost.class, Packages.PLUGIN, jar);

        assertTrue(result.out().startsWith("LOADED 1"), result::toString);
        try (var left = Files.list(pins)) {
            assertEquals(List.of(), left.toList());
        }
        assertEquals(1, result.events("guard.stopped").size(), result::toString);
    }

    @EachJdk
    void loader_thatDefinesAnotherClassWhileItIsAskedForAPackage_isRefused(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", marker, "evil");

        Result refused = fixture.enforcing(jdk).run(PackageDefiningHost.class, good, evil, Packages.PLUGIN);
        assertEquals("REFUSED PackageRefusedException\n", refused.out(), refused::toString);
        assertFalse(Files.exists(marker), refused::toString);

        Result unguarded = fixture.jvm(jdk).withoutAgent().run(PackageDefiningHost.class, good, evil, Packages.PLUGIN);
        assertEquals("DONE\n", unguarded.out(), unguarded::toString);
        assertEquals("evil", Files.readString(marker), "that is what would run");
    }
}
