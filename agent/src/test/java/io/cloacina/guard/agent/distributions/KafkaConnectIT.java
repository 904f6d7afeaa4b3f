// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.LoggedEvent;
import io.cloacina.guard.agent.forked.Packages;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka Connect worker with a broker; its connectors lie in directories of its plugin path. */
class KafkaConnectIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private String classPath;
    private int brokerPort;
    private int restPort;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private RunningHost java(List<String> options, Object... arguments) throws Exception {
        Object[] all = Stream.concat(Stream.of("-Xmx512m", "-cp", classPath), Stream.of(arguments))
                .toArray();
        return rollout.start(directory, options, all);
    }

    /** A broker that is its own controller. */
    private RunningHost broker() throws Exception {
        brokerPort = RunningHost.freePort();
        int controllerPort = RunningHost.freePort();
        Path configuration = write("broker.properties", """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@localhost:%d
            listeners=PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d
            controller.listener.names=CONTROLLER
            log.dirs=%s
            """.formatted(
                        controllerPort, brokerPort, controllerPort, directory.resolve("log")));
        try (RunningHost format = java(
                List.of(), "kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", configuration)) {
            assertEquals(0, format.awaitEnd(), format::output);
        }
        return java(List.of(), "kafka.Kafka", configuration);
    }

    /** A source connector that makes one record. */
    private Path connector(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "connector");
        String type = "Source" + name;
        Packages.compile(
                classes,
                "sample." + type,
                """
                package sample;
                import java.util.*;
                import org.apache.kafka.connect.source.*;
                public class %1$s extends SourceConnector {
                    public static class Once extends SourceTask {
                        @Override public String version() { return "1"; }
                        @Override public void start(Map<String, String> properties) {
                            System.out.println("TASK %2$s");
                        }
                        @Override public List<SourceRecord> poll() { return null; }
                        @Override public void stop() {}
                    }
                    @Override public String version() { return "1"; }
                    @Override public void start(Map<String, String> properties) {}
                    @Override public Class<Once> taskClass() { return Once.class; }
                    @Override public List<Map<String, String>> taskConfigs(int count) { return List.of(Map.of()); }
                    @Override public void stop() {}
                    @Override public org.apache.kafka.common.config.ConfigDef config() {
                        return new org.apache.kafka.common.config.ConfigDef();
                    }
                }
                """.formatted(type, text),
                Stream.of(classPath.split(File.pathSeparator)).map(Path::of).toArray(Path[]::new));
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF/services"))
                        .resolve("org.apache.kafka.connect.source.SourceConnector"),
                "sample." + type);
        Path place = Files.createDirectories(directory.resolve("plugins").resolve(name));
        return Packages.zip(classes, place.resolve(name + ".jar"));
    }

    private RunningHost worker(List<String> options) throws Exception {
        restPort = RunningHost.freePort();
        Path worker = write("worker.properties", """
            bootstrap.servers=localhost:%d
            key.converter=org.apache.kafka.connect.storage.StringConverter
            value.converter=org.apache.kafka.connect.storage.StringConverter
            offset.storage.file.filename=%s
            plugin.path=%s
            listeners=http://localhost:%d
            """.formatted(
                        brokerPort, directory.resolve("offsets"), directory.resolve("plugins"), restPort));
        Path good = write("good.properties", "name=good\nconnector.class=sample.Sourcegood\ntasks.max=1\n");
        return java(options, "org.apache.kafka.connect.cli.ConnectStandalone", worker, good);
    }

    @HostJdk(LOWEST)
    void connector_signed_runsUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        Path libraries = Distribution.copy("kafka", directory.resolve("libraries"));
        try (Stream<Path> jars = Files.list(libraries)) {
            classPath = jars.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
        }
        try (RunningHost broker = broker()) {
            broker.await("Kafka Server started");
            connector("good", "good");
            try (RunningHost host = worker(rollout.audit())) {
                host.await("TASK good");
            }
            rollout.signWhatTheReportSays();
            try (RunningHost host = worker(rollout.enforce())) {
                host.await("TASK good");
                rollout.assertNothingToReport();
            }

            rollout.shell("cloacina sign --key release " + connector("flipped", "before"), 0);
            connector("flipped", "flipped");
            connector("unsigned", "unsigned");
            try (RunningHost host = worker(rollout.enforce())) {
                host.await("TASK good");
                for (String name : new String[] {"unsigned", "flipped"}) {
                    String answer =
                            RunningHost.post("http://localhost:" + restPort + "/connectors", """
                                {"name": "%1$s", "config": {"connector.class": "sample.Source%1$s", "tasks.max": "1"}}
                                """.formatted(name));
                    assertFalse(answer.startsWith("2"), answer);
                    rollout.assertRefused(name + ".jar");
                    assertFalse(host.output().contains("TASK " + name), host::output);
                }
                String status = RunningHost.get("http://localhost:" + restPort + "/connectors/good/status");
                assertTrue(status.startsWith("200 "), status);
                LoggedEvent.parse(status.substring(4)).object("connector").assertHas("state", "RUNNING");
            }
        }
    }
}
