// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ContainedHost;
import io.cloacina.guard.agent.hosts.StreamUsingAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that are read as streams, as deployers of KARs do, are among those that the JVM has opened. */
class ArchiveStreamsIT {

    private static final String ENTRY = "sample/Plugin.class";

    @TempDir
    Path folder;

    private Packages packages;
    private Path plugin;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    static List<Arguments> jdksAndWays() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            for (String way : new String[] {"file", "buffered", "channel", "url"}) {
                all.add(Arguments.of(jdk, way));
            }
        }
        return all;
    }

    @BeforeEach
    void prepare() throws IOException {
        packages = new Packages(folder);
        plugin = packages.jar("plugin.kar", folder.resolve("marker"), "good");
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws IOException {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private String define(String loader) {
        return "define " + loader + " mvn:group/plugin/1 " + Packages.PLUGIN + " " + plugin + " " + ENTRY;
    }

    private void assertCoveredAfterTheStream(Result result) {
        String[] lines = result.out().split("\n");
        assertEquals(3, lines.length, result::toString);
        assertTrue(lines[0].startsWith("REFUSED "), result::toString);
        assertEquals("LOADED", lines[2], result::toString);
        assertTrue(
                result.events("package.load.success").get(0).contains("\"covered_by\":\"" + plugin + "\""),
                result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void signedArchive_readAsAStream_coversWhatEqualsItsEntries(Jdks.Jdk jdk, String way) throws Exception {
        packages.sign(plugin);

        assertCoveredAfterTheStream(enforcing(jdk)
                .run(ContainedHost.class, define("early"), "stream " + way + " " + plugin, define("late")));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unsignedArchive_readAsAStream_isWhatTheRefusalNames(Jdks.Jdk jdk) throws Exception {
        Result result = enforcing(jdk).run(ContainedHost.class, "stream file " + plugin, define("late"));

        String line = result.out().split("\n")[1];
        assertTrue(line.contains("refused [" + plugin + "] (signature_not_found)"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void stream_ofAnAgentInFront_leavesLaterOnesSeen(Jdks.Jdk jdk) throws Exception {
        packages.sign(plugin);
        Path agent = folder.resolve("streams.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), StreamUsingAgent.class.getName());
        new JarOutputStream(Files.newOutputStream(agent), manifest).close();

        assertCoveredAfterTheStream(enforcing(jdk)
                .option("-javaagent:" + agent)
                .agentLast()
                .run(ContainedHost.class, define("early"), "stream file " + plugin, define("late")));
    }
}
