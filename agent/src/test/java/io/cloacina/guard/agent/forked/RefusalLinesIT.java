// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person sees of refusals on standard error: hosts often swallow what they are told. */
class RefusalLinesIT {

    private static final int MANY = 60;
    private static final int MOST = 50;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final List<Object> arguments = new ArrayList<>(List.of(Packages.PLUGIN));

    @BeforeEach
    void prepare() throws Exception {
        Path evil = packages.jar("evil.jar", fixture.file("marker"), "evil");
        for (int i = 0; i < MANY; i++) {
            arguments.add(Files.copy(evil, fixture.file("evil-" + i + ".jar")));
        }
    }

    private GuardedJvm jvm(Jdk jdk) throws Exception {
        return fixture.jvm(jdk).set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private static long lines(Result result, String start) {
        return result.err().lines().filter(line -> line.startsWith(start)).count();
    }

    @EachJdk
    void refusals_areSaidOnceEach_andNotWithoutEnd(Jdk jdk) throws Exception {
        GuardedJvm jvm = jvm(jdk).set("cloacina.require_signatures", true);

        Result twice = jvm.run(UrlHost.class, Packages.PLUGIN, arguments.get(1), arguments.get(1), arguments.get(2));
        assertEquals(2, lines(twice, "cloacina-guard refused ["), twice::toString);
        assertTrue(twice.err().contains("sign --private-key KEY.pem " + arguments.get(1)), twice::toString);

        Path changed = packages.jar("changed.jar", fixture.file("marker"), "changed");
        packages.sign(changed);
        Packages.flipOneBit(changed);
        // After all the others, and said all the same.
        arguments.add(changed);
        Result many = jvm.run(UrlHost.class, arguments.toArray());
        assertEquals(MANY + 1, many.events("package.load.failure").size(), many::toString);
        assertEquals(MOST + 1, lines(many, "cloacina-guard refused ["), many::toString);
        assertEquals(1, lines(many, "cloacina-guard refused [" + changed + "] (tampered_package)"), many::toString);
        assertEquals(1, lines(many, "cloacina-guard: more is refused"), many::toString);
    }

    @EachJdk
    void refusals_areNotSaid_whereTheirEventsAre(Jdk jdk) throws Exception {
        Result result = jvm(jdk).set("cloacina.require_signatures", true)
                .set("cloacina.audit", "stderr")
                .run(UrlHost.class, arguments.toArray());

        assertEquals(0, lines(result, "cloacina-guard refused ["), result::toString);
        assertEquals(0, lines(result, "cloacina-guard: more is refused"), result::toString);
        assertEquals(
                MANY,
                result.err()
                        .lines()
                        .filter(line -> line.contains("package.load.failure"))
                        .count());
    }

    @EachJdk
    void nothing_isSaidInAuditMode(Jdk jdk) throws Exception {
        Result result = jvm(jdk).run(UrlHost.class, arguments.toArray());

        assertEquals(0, lines(result, "cloacina-guard refused ["), result::toString);
        assertTrue(result.out().contains("LOADED 1"), result::toString);
    }

    /** The line that says why the JVM is stopped has them all. */
    @EachJdk
    void refusals_thatStopTheStart_areSaidInItsLineOnly(Jdk jdk) throws Exception {
        Result result = jvm(jdk).set("cloacina.require_signatures", true)
                .set("cloacina.scope", "application")
                .classPath(arguments.get(1))
                .run(UrlHost.class);

        assertEquals(78, result.status(), result::toString);
        assertEquals(0, lines(result, "cloacina-guard refused ["), result::toString);
        assertEquals(1, lines(result, "cloacina-guard: cloacina.scope is [application]"), result::toString);
    }
}
