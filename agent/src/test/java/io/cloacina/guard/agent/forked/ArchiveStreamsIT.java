// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ContainedHost;
import io.cloacina.guard.agent.hosts.StreamUsingAgent;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Archives that are read as streams, as deployers of KARs do, are among those that the JVM has opened. */
class ArchiveStreamsIT {

    private static final String ENTRY = "sample/Plugin.class";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path plugin;

    @BeforeEach
    void prepare() throws IOException {
        plugin = packages.jar("plugin.kar", fixture.file("marker"), "good");
    }

    private String define(String loader) {
        return "define " + loader + " mvn:group/plugin/1 " + Packages.PLUGIN + " " + plugin + " " + ENTRY;
    }

    private void assertCoveredAfterTheStream(Result result) {
        String[] lines = result.out().split("\n");
        assertEquals(3, lines.length, result::toString);
        assertTrue(lines[0].startsWith("REFUSED "), result::toString);
        assertEquals("LOADED", lines[2], result::toString);
        result.events("package.load.success").get(0).assertHas("covered_by", plugin);
    }

    @EachJdk(with = {"file", "buffered", "channel", "url"})
    void signedArchive_readAsAStream_coversWhatEqualsItsEntries(Jdk jdk, String way) throws Exception {
        packages.sign(plugin);

        assertCoveredAfterTheStream(fixture.enforcing(jdk)
                .run(ContainedHost.class, define("early"), "stream " + way + " " + plugin, define("late")));
    }

    @EachJdk
    void unsignedArchive_readAsAStream_isWhatTheRefusalNames(Jdk jdk) throws Exception {
        Result result = fixture.enforcing(jdk).run(ContainedHost.class, "stream file " + plugin, define("late"));

        String line = result.out().split("\n")[1];
        assertTrue(line.contains("refused [" + plugin + "] (signature_not_found)"), result::toString);
    }

    private String fetch(String loader, String origin) {
        return "fetch " + loader + " " + origin + " " + Packages.PLUGIN + " " + plugin + " " + ENTRY;
    }

    /** Nothing names it again, and no signature lies beside it: what helps is said, and does. */
    @EachJdk
    void archive_readOverHttp_coversNothing_untilTheHostReadsItFromAFile(Jdk jdk) throws Exception {
        packages.sign(plugin);

        Result result = fixture.enforcing(jdk)
                .run(ContainedHost.class, fetch("early", "url"), "stream file " + plugin, fetch("late", "url"));

        assertCoveredAfterTheStream(result);
        String refusal = result.out().split("\n")[0];
        assertTrue(refusal.contains("(signature_not_found)"), result::toString);
        assertTrue(refusal.contains("have the host read its archive from a file, and sign that"), result::toString);
        LoggedEvent event = result.events("package.load.failure").get(0);
        event.assertHas("kind", "class");
        event.assertMatches("package_path", "http://127\\.0\\.0\\.1:.*");
    }

    @EachJdk
    void archive_readOverHttp_forClassesWithoutAnOrigin_isDynamicCode(Jdk jdk) throws Exception {
        Result denied = fixture.enforcing(jdk)
                .set("cloacina.dynamic_code", "deny")
                .run(ContainedHost.class, fetch("one", "none"));
        Result allowed = fixture.enforcing(jdk).run(ContainedHost.class, fetch("one", "none"));

        assertTrue(denied.out().startsWith("REFUSED "), denied::toString);
        assertTrue(denied.out().contains("-Dcloacina.dynamic_code=allow"), denied::toString);
        denied.events("package.load.failure").get(0).assertHas("failure_reason", "dynamic_code");
        assertEquals("LOADED\n", allowed.out(), allowed::toString);
        allowed.events("guard.stopped").get(0).assertHas("dynamic_classes", 1);
    }

    @EachJdk
    void stream_ofAnAgentInFront_leavesLaterOnesSeen(Jdk jdk) throws Exception {
        packages.sign(plugin);

        assertCoveredAfterTheStream(fixture.enforcing(jdk)
                .option("-javaagent:" + packages.agent(StreamUsingAgent.class))
                .agentLast()
                .run(ContainedHost.class, define("early"), "stream file " + plugin, define("late")));
    }
}
