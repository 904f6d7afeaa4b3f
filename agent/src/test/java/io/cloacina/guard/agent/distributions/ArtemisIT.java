// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** An Artemis broker with its console, and with applications of its own in its web server. */
class ArtemisIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path artemis;
    private Path broker;
    private int port;

    private Path war(String name, String text) throws Exception {
        return Webapp.war(
                Files.createDirectories(broker.resolve("web")).resolve(name + ".war"),
                artemis.resolve("lib/jetty-jakarta-servlet-api-5.0.2.jar"),
                text);
    }

    private void configure(String... applications) throws Exception {
        Path file = broker.resolve("etc/bootstrap.xml");
        StringBuilder elements = new StringBuilder();
        for (String name : applications) {
            elements.append("<app name=\"%1$s\" url=\"%1$s\" war=\"%1$s.war\"/>".formatted(name));
        }
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst(
                                "(?s)(<binding [^>]*>).*?</binding>",
                                "$1" + elements
                                        + "<app name=\"console\" url=\"console\" war=\"console.war\"/></binding>"));
    }

    private RunningHost start(List<String> options) throws Exception {
        return rollout.start(
                broker, Map.of("JAVA_ARGS_APPEND", String.join(" ", options)), broker.resolve("bin/artemis"), "run");
    }

    private String get(RunningHost host, String name) throws Exception {
        host.await("AMQ241004");
        return RunningHost.get("http://localhost:" + port + "/" + name + "/hello");
    }

    @HostJdk(LOWEST)
    void broker_signed_servesUnderEnforcement_andOtherApplicationsDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        artemis = Distribution.copy("artemis", directory.resolve("artemis"));
        broker = directory.resolve("broker");
        port = RunningHost.freePort();
        try (RunningHost create = rollout.start(
                directory,
                Map.of(),
                artemis.resolve("bin/artemis"),
                "create",
                broker,
                "--user=admin",
                "--password=admin",
                "--allow-anonymous",
                "--silent",
                "--no-autotune",
                "--no-amqp-acceptor",
                "--no-mqtt-acceptor",
                "--no-stomp-acceptor",
                "--no-hornetq-acceptor",
                "--default-port=" + RunningHost.freePort(),
                "--http-port=" + port)) {
            assertEquals(0, create.awaitEnd(), create::output);
        }
        war("good", "good");
        configure("good");

        try (RunningHost host = start(rollout.audit())) {
            assertEquals("200 good", get(host, "good"), host::output);
        }
        // Holds the configuration, which is edited below: no class comes from there.
        rollout.take(rollout.signWhatTheReportSays(), "cloacina.resource_directories");
        try (RunningHost host = start(rollout.enforce())) {
            assertEquals("200 good", get(host, "good"), host::output);
            rollout.assertNothingToReport();
        }

        rollout.shell("cloacina sign --key release " + war("flipped", "before"), 0);
        war("flipped", "flipped");
        war("unsigned", "unsigned");
        configure("unsigned", "flipped", "good");
        try (RunningHost host = start(rollout.enforce())) {
            assertEquals("200 good", get(host, "good"), host::output);
            for (String name : new String[] {"unsigned", "flipped"}) {
                String answer = get(host, name);
                assertFalse(answer.startsWith("200"), answer);
                rollout.assertRefused(name);
            }
        }
    }
}
