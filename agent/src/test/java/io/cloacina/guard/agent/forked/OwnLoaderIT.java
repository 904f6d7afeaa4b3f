// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.OwnLoaderHost;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Class loaders that open files themselves and call {@code defineClass}. */
class OwnLoaderIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");

    @EachJdk(with = {"array", "unnamed", "heap", "direct"})
    @Retention(RetentionPolicy.RUNTIME)
    private @interface EachWay {}

    private void assertRefused(Result result, String reason) {
        assertTrue(result.out().startsWith("REFUSED PackageRefusedException"), result::toString);
        assertTrue(result.out().contains("(" + reason + ")"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    @EachWay
    void class_ofSignedJar_loads(Jdk jdk, String way) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));

        Result result = fixture.enforcing(jdk).run(OwnLoaderHost.class, way, jar, jar, Packages.PLUGIN);

        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker));
        result.event("package.load.success").assertHas("signature_verified", true);
    }

    @EachWay
    void class_ofUnsignedJar_isRefused(Jdk jdk, String way) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "evil");

        assertRefused(
                fixture.enforcing(jdk).run(OwnLoaderHost.class, way, jar, jar, Packages.PLUGIN), "signature_not_found");
    }

    @EachWay
    void class_ofUnsignedJar_thatClaimsASignedOne_isRefused(Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", fixture.file("other"), "good"));
        Path evil = packages.jar("plugin.jar", marker, "evil");

        assertRefused(
                fixture.enforcing(jdk).run(OwnLoaderHost.class, way, evil, signed, Packages.PLUGIN),
                "tampered_package");
    }

    @EachWay
    void class_thatIsNotInThePackage_behindOneThatIs_isRefused(Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", marker, "good"));
        Path evil = packages.jar("evil.jar", fixture.file("other"), "evil");

        Result result = fixture.enforcing(jdk).run(OwnLoaderHost.class, way, signed, signed, Packages.PLUGIN, evil);

        String[] lines = result.out().split("\n", 2);
        assertEquals("LOADED", lines[0], result::toString);
        assertTrue(lines[1].startsWith("REFUSED PackageRefusedException"), result::toString);
        assertTrue(lines[1].contains("(tampered_package)"), result::toString);
    }

    @EachWay
    void class_thatClaimsAnUnknownPlace_isRefused(Jdk jdk, String way) throws Exception {
        Path evil = packages.jar("plugin.jar", marker, "evil");

        Result result =
                fixture.enforcing(jdk).run(OwnLoaderHost.class, way, evil, "http://127.0.0.1:9/x.jar", Packages.PLUGIN);

        assertRefused(result, "signature_not_found");
    }

    @EachWay
    void class_withoutOrigin_followsDynamicCode(Jdk jdk, String way) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "dynamic");

        Result denied = fixture.enforcing(jdk)
                .set("cloacina.dynamic_code", "deny")
                .run(OwnLoaderHost.class, way, jar, "none", Packages.PLUGIN);
        assertRefused(denied, "dynamic_code");

        Result allowed = fixture.enforcing(jdk).run(OwnLoaderHost.class, way, jar, "none", Packages.PLUGIN);
        assertEquals("LOADED\n", allowed.out(), allowed::toString);
        allowed.events("guard.stopped").get(0).assertHas("dynamic_classes", 1);
    }

    @EachWay
    void wovenClass_loadsOnlyWhereThatIsAllowed_andIsRecordedOnce(Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", fixture.file("other"), "good"));
        Path woven = packages.jar("woven.jar", marker, "woven");

        Result result = fixture.enforcing(jdk)
                .set("cloacina.woven_classes", "allow")
                .run(OwnLoaderHost.class, way, woven, signed, Packages.PLUGIN);

        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals(
                1,
                result.events("package.load.success").stream()
                        .filter(event -> event.has("woven", true))
                        .count(),
                result::toString);
    }
}
