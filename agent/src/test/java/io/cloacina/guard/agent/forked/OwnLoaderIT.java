// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.OwnLoaderHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Class loaders that open files themselves and call {@code defineClass}. */
class OwnLoaderIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
    }

    static List<Arguments> jdksAndWays() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            for (String way : new String[] {"array", "unnamed", "heap", "direct"}) {
                all.add(Arguments.of(jdk, way));
            }
        }
        return all;
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private void assertRefused(Result result, String reason) {
        assertTrue(result.out().startsWith("REFUSED PackageRefusedException"), result::toString);
        assertTrue(result.out().contains("(" + reason + ")"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_ofSignedJar_loads(Jdks.Jdk jdk, String way) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));

        Result result = enforcing(jdk).run(OwnLoaderHost.class, way, jar, jar, Packages.PLUGIN);

        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker));
        assertEquals(1, result.events("package.load.success").size(), result::toString);
        assertTrue(result.events("package.load.success").get(0).contains("\"signature_verified\":true"));
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_ofUnsignedJar_isRefused(Jdks.Jdk jdk, String way) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "evil");

        assertRefused(enforcing(jdk).run(OwnLoaderHost.class, way, jar, jar, Packages.PLUGIN), "signature_not_found");
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_ofUnsignedJar_thatClaimsASignedOne_isRefused(Jdks.Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", folder.resolve("other"), "good"));
        Path evil = packages.jar("plugin.jar", marker, "evil");

        assertRefused(enforcing(jdk).run(OwnLoaderHost.class, way, evil, signed, Packages.PLUGIN), "tampered_package");
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_thatIsNotInThePackage_behindOneThatIs_isRefused(Jdks.Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", marker, "good"));
        Path evil = packages.jar("evil.jar", folder.resolve("other"), "evil");

        Result result = enforcing(jdk).run(OwnLoaderHost.class, way, signed, signed, Packages.PLUGIN, evil);

        String[] lines = result.out().split("\n", 2);
        assertEquals("LOADED", lines[0], result::toString);
        assertTrue(lines[1].startsWith("REFUSED PackageRefusedException"), result::toString);
        assertTrue(lines[1].contains("(tampered_package)"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_thatClaimsAnUnknownPlace_isRefused(Jdks.Jdk jdk, String way) throws Exception {
        Path evil = packages.jar("plugin.jar", marker, "evil");

        Result result = enforcing(jdk).run(OwnLoaderHost.class, way, evil, "http://127.0.0.1:9/x.jar", Packages.PLUGIN);

        assertRefused(result, "signature_not_found");
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void class_withoutOrigin_followsDynamicCode(Jdks.Jdk jdk, String way) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "dynamic");

        Result denied = enforcing(jdk)
                .set("cloacina.dynamic_code", "deny")
                .run(OwnLoaderHost.class, way, jar, "none", Packages.PLUGIN);
        assertRefused(denied, "dynamic_code");

        Result allowed = enforcing(jdk).run(OwnLoaderHost.class, way, jar, "none", Packages.PLUGIN);
        assertEquals("LOADED\n", allowed.out(), allowed::toString);
        assertTrue(allowed.events("guard.stopped").get(0).contains("\"dynamic_classes\":1"), allowed::toString);
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void wovenClass_loadsOnlyWhereThatIsAllowed_andIsRecordedOnce(Jdks.Jdk jdk, String way) throws Exception {
        Path signed = packages.sign(packages.jar("signed.jar", folder.resolve("other"), "good"));
        Path woven = packages.jar("woven.jar", marker, "woven");

        Result result = enforcing(jdk)
                .set("cloacina.woven_classes", "allow")
                .run(OwnLoaderHost.class, way, woven, signed, Packages.PLUGIN);

        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals(
                1,
                result.events("package.load.success").stream()
                        .filter(event -> event.contains("\"woven\":true"))
                        .count(),
                result::toString);
    }
}
