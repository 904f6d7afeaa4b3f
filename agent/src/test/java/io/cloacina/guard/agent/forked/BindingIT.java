// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.SwappedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was verified is what runs, whatever becomes of the file afterwards. */
class BindingIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    @EachJdk(with = {"rename", "overwrite"})
    void jar_replacedAfterItWasVerified_neverGivesNewBytes(Jdk jdk, String way) throws Exception {
        Packages packages = fixture.packages();
        Path marker = fixture.file("marker");
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        Path evil = packages.jar("evil.jar", marker, "evil");

        Result result = fixture.enforcing(jdk).run(SwappedHost.class, jar, evil, way);

        assertEquals("RESOURCE good\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker), result::toString);
        assertEquals("good", Files.readString(Path.of(marker + ".late")), result::toString);
    }

    /** The host of the test above does run the new bytes when nothing guards it, so that test can fail. */
    @EachJdk(with = {"rename", "overwrite"})
    void jar_replacedWithoutGuard_givesNewBytesOrBreaks(Jdk jdk, String way) throws Exception {
        Packages packages = fixture.packages();
        Path marker = fixture.file("marker");
        Path jar = packages.jar("plugin.jar", marker, "good");
        Path evil = packages.jar("evil.jar", marker, "evil");

        Result result = fixture.jvm(jdk).withoutAgent().run(SwappedHost.class, jar, evil, way);

        boolean lateIsEvil = Files.exists(Path.of(marker + ".late"))
                && Files.readString(Path.of(marker + ".late")).equals("evil");
        assertTrue(lateIsEvil || result.out().contains("evil") || result.out().contains("FAILED"), result::toString);
    }
}
