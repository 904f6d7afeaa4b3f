// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** WildFly, which keeps a copy of each deployment, and names its classes by a file system of its own. */
@Tag("large")
class WildFlyIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path wildfly;
    private int port;

    private RunningHost start(List<String> options) throws Exception {
        port = RunningHost.freePort();
        return rollout.start(
                wildfly,
                // The log manager is WildFly's own: it must be on the way before the JVM has one.
                Map.of("PREPEND_JAVA_OPTS", String.join(" ", options)),
                wildfly.resolve("bin/standalone.sh"),
                "-Djboss.http.port=" + port,
                "-Djboss.https.port=0",
                "-Djboss.management.http.port=0",
                "-Djboss.management.https.port=0");
    }

    private Path war(Path war, String text) throws Exception {
        return Webapp.war(
                war,
                wildfly.resolve("modules/system/layers/base/jakarta/servlet/api/main/jakarta.servlet-api-6.0.0.jar"),
                text);
    }

    private void deploy(Path war) throws Exception {
        Files.move(
                war,
                wildfly.resolve("standalone/deployments").resolve(war.getFileName()),
                StandardCopyOption.ATOMIC_MOVE);
    }

    private String get(String page) throws Exception {
        return RunningHost.get("http://localhost:" + port + "/" + page);
    }

    @HostJdk(LOWEST)
    void war_signed_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        wildfly = Distribution.copy("wildfly", directory.resolve("wildfly"));
        war(wildfly.resolve("standalone/deployments/good.war"), "good");

        try (RunningHost host = start(rollout.audit())) {
            host.await("WFLYSRV0025");
            assertEquals("200 good", get("good/hello"), host::output);
            assertEquals("200 good by JSP", get("good/page.jsp"), host::output);
        }
        rollout.set("cloacina.exempt", wildfly + "/standalone/tmp/*.war");
        rollout.signWhatTheReportSays();

        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = war(later.resolve("flipped.war"), "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        war(flipped, "flipped");
        Path unsigned = war(later.resolve("unsigned.war"), "unsigned");
        try (RunningHost host = start(rollout.enforce())) {
            host.await("WFLYSRV0025");
            assertEquals("200 good", get("good/hello"), host::output);
            assertEquals("200 good by JSP", get("good/page.jsp"), host::output);
            rollout.assertNothingToReport();

            for (Path war : new Path[] {unsigned, flipped}) {
                String name = war.getFileName().toString();
                deploy(war);
                host.await("WFLY\\S+: [^\\n]*" + name + "[^\\n]*(rolled back|failed)|WFLYSRV0010[^\\n]*" + name);
                String answer = get(name.replace(".war", "/hello"));
                assertFalse(answer.startsWith("200"), answer);
                rollout.assertRefused(name);
            }
            assertEquals("200 good", get("good/hello"), host::output);
        }
    }

    /** An EAR with a library, an EJB, a WAR with CDI and a resource adapter: one signature, and all of it loads. */
    @HostJdk(LOWEST)
    void ear_signedAsAWhole_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        wildfly = Distribution.copy("wildfly", directory.resolve("wildfly"));
        EnterpriseApplication application =
                new EnterpriseApplication(directory, wildfly.resolve("modules/system/layers/base/jakarta"));
        application.ear(wildfly.resolve("standalone/deployments/good.ear"), "good");

        try (RunningHost host = start(rollout.audit())) {
            host.await("WFLYSRV0025");
            assertEquals("200 good by EJB and CDI and RAR", get("good/hello"), host::output);
        }
        String report = rollout.signWhatTheReportSays();
        // What a person deployed is named, not the server's copies of it, nor what it unpacks.
        assertFalse(report.contains("/tmp/vfs/"), report);
        assertFalse(report.contains("/data/content/"), report);
        assertTrue(report.contains("/standalone/deployments/good.ear"), report);

        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = application.ear(later.resolve("flipped.ear"), "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        application.ear(flipped, "flipped");
        Path unsigned = application.ear(later.resolve("unsigned.ear"), "unsigned");
        try (RunningHost host = start(rollout.enforce())) {
            host.await("WFLYSRV0025");
            assertEquals("200 good by EJB and CDI and RAR", get("good/hello"), host::output);
            rollout.assertNothingToReport();

            for (Path ear : new Path[] {unsigned, flipped}) {
                String name = ear.getFileName().toString();
                deploy(ear);
                host.await("WFLY\\S+: [^\\n]*" + name + "[^\\n]*(rolled back|failed)|WFLYSRV0010[^\\n]*" + name);
                String answer = get(name.replace(".ear", "/hello"));
                assertFalse(answer.startsWith("200"), answer);
                rollout.assertRefused(name);
            }
            assertEquals("200 good by EJB and CDI and RAR", get("good/hello"), host::output);
        }
    }
}
