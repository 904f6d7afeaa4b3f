// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.SwappedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What was verified is what runs, whatever becomes of the file afterwards. */
class BindingIT {

    @TempDir
    Path folder;

    static List<Arguments> jdksAndWays() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            all.add(Arguments.of(jdk, "rename"));
            all.add(Arguments.of(jdk, "overwrite"));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void jar_replacedAfterItWasVerified_neverGivesNewBytes(Jdks.Jdk jdk, String way) throws Exception {
        Packages packages = new Packages(folder);
        Path marker = folder.resolve("marker");
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        Path evil = packages.jar("evil.jar", marker, "evil");

        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(SwappedHost.class, jar, evil, way);

        assertEquals("RESOURCE good\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker), result::toString);
        assertEquals("good", Files.readString(Path.of(marker + ".late")), result::toString);
    }

    /** The host of the test above does run the new bytes when nothing guards it, so that test can fail. */
    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void jar_replacedWithoutGuard_givesNewBytesOrBreaks(Jdks.Jdk jdk, String way) throws Exception {
        Packages packages = new Packages(folder);
        Path marker = folder.resolve("marker");
        Path jar = packages.jar("plugin.jar", marker, "good");
        Path evil = packages.jar("evil.jar", marker, "evil");

        Result result = new GuardedJvm(jdk, folder).withoutAgent().run(SwappedHost.class, jar, evil, way);

        boolean lateIsEvil = Files.exists(Path.of(marker + ".late"))
                && Files.readString(Path.of(marker + ".late")).equals("evil");
        assertTrue(lateIsEvil || result.out().contains("evil") || result.out().contains("FAILED"), result::toString);
    }
}
