// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Jetty, which unpacks every WAR into a temporary directory whose name is another one at each start. */
class JettyIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path home;
    private Path base;

    private RunningHost start(List<String> options) throws Exception {
        return rollout.start(
                base,
                options,
                "-Djava.io.tmpdir=" + directory.resolve("temporary"),
                "-jar",
                home.resolve("start.jar"),
                "jetty.http.port=0",
                "jetty.deploy.scanInterval=1");
    }

    private static String address(RunningHost host) throws Exception {
        host.await("Started oejs.Server@");
        return "http://localhost:" + host.await("Started oejs.ServerConnector@[^\\n]*:([0-9]+)}");
    }

    private Path war(Path war, String text) throws Exception {
        return Webapp.war(war, home.resolve("lib/jakarta.servlet-api-6.0.0.jar"), text);
    }

    private void deploy(RunningHost host, Path war) throws Exception {
        Files.move(war, base.resolve("webapps").resolve(war.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        host.await("WebAppContext@\\S+\\{/" + war.getFileName().toString().replace(".war", "") + ",[^\\n]*AVAILABLE");
    }

    @HostJdk(HIGHEST)
    void war_signed_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        home = Distribution.copy("jetty", directory.resolve("jetty"));
        base = Files.createDirectory(directory.resolve("base"));
        Files.createDirectory(directory.resolve("temporary"));
        try (RunningHost setup = rollout.start(
                base,
                List.of(),
                "-jar",
                home.resolve("start.jar"),
                "--add-modules=server,http,ee10-deploy,ee10-annotations,ee10-jsp")) {
            assertEquals(0, setup.awaitEnd(), setup::output);
        }
        war(base.resolve("webapps/good.war"), "good");

        try (RunningHost host = start(rollout.audit())) {
            String address = address(host);
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
            assertEquals("200 good by JSP", RunningHost.get(address + "/good/page.jsp"), host::output);
        }
        rollout.take(rollout.signWhatTheReportSays(), "cloacina.exempt");

        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = war(later.resolve("flipped.war"), "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        war(flipped, "flipped");
        Path unsigned = war(later.resolve("unsigned.war"), "unsigned");
        try (RunningHost host = start(rollout.enforce())) {
            String address = address(host);
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
            assertEquals("200 good by JSP", RunningHost.get(address + "/good/page.jsp"), host::output);
            rollout.assertNothingToReport();

            deploy(host, unsigned);
            deploy(host, flipped);
            for (String name : new String[] {"unsigned", "flipped"}) {
                String answer = RunningHost.get(address + "/" + name + "/hello");
                assertFalse(answer.startsWith("200"), answer);
                rollout.assertRefused(name + "_war");
            }
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
        }
    }
}
