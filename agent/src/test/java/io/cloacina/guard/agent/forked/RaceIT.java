// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.FlippingHost;
import io.cloacina.guard.agent.hosts.FlippingNativeHost;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A package is exchanged for an evil one and back, thousands of times, while it is being loaded. */
class RaceIT {

    private static final String[] WAYS = {"rename", "overwrite", "link", "absent", "signature", "folder", "folder-link"
    };

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path evilMarker = fixture.file("evil-marker");

    @EachJdk
    void package_exchangedWhileItIsLoaded_neverRunsEvilCode(Jdk jdk) throws Exception {
        Path evil = packages.jar("evil.jar", evilMarker, "evil");
        Packages.sign(evil, Ed25519PrivateKey.generate(new SecureRandom()));
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        packages.sign(fixture.file("good.jar-classes"));
        Path target = fixture.newDirectory("target");
        Object[] arguments = new Object[4 + WAYS.length];
        arguments[0] = good;
        arguments[1] = evil;
        arguments[2] = target;
        arguments[3] = 250;
        System.arraycopy(WAYS, 0, arguments, 4, WAYS.length);

        Result result = fixture.enforcing(jdk).run(FlippingHost.class, arguments);

        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out() + result.err());
        for (String way : WAYS) {
            assertTrue(
                    result.out()
                            .contains(
                                    way + " at last LOADED\n" + way + " at last LOADED\n" + way + " at last LOADED\n"),
                    result.out() + result.err());
        }

        arguments[3] = 60;
        Result unguarded = fixture.enforcing(jdk).withoutAgent().run(FlippingHost.class, arguments);
        assertTrue(Files.exists(evilMarker), () -> "the race is none: " + unguarded.out());
    }

    @EachJdk
    void nativeLibrary_exchangedWhileItIsLoaded_neverRunsEvilCode(Jdk jdk) throws Exception {
        assumeTrue(Packages.hasCompiler(), "there is no C compiler");
        Path good = packages.sign(packages.nativeLibrary("good.so", fixture.file("good-marker")));
        Path evil = packages.nativeLibrary("evil.so", evilMarker);
        Path target = fixture.newDirectory("target");

        Result result = fixture.enforcing(jdk).run(FlippingNativeHost.class, good, evil, target, 300);

        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out() + result.err());
        assertTrue(Files.exists(fixture.file("good-marker")), result.out() + result.err());
        assertTrue(result.out().endsWith("LOADED\n"), result.out() + result.err());

        Path again = fixture.newDirectory("again");
        Result unguarded = fixture.enforcing(jdk).withoutAgent().run(FlippingNativeHost.class, good, evil, again, 300);
        assertTrue(Files.exists(evilMarker), () -> "the race is none: " + unguarded.out());
    }
}
