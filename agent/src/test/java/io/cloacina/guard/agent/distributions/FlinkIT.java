// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A Flink cluster: job JARs are loaded child-first, by the client from where they lie and by its workers from copies. */
class FlinkIT {

    private static final String HOST = """
        package sample;
        import java.io.File;
        import org.apache.flink.client.program.*;
        import org.apache.flink.configuration.*;
        import org.apache.flink.runtime.minicluster.*;
        public class Cluster {
            public static void main(String[] arguments) throws Exception {
                Configuration configuration = new Configuration();
                configuration.set(RestOptions.BIND_PORT, "0");
                MiniClusterConfiguration settings = new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumTaskManagers(1)
                        .setNumSlotsPerTaskManager(1)
                        .build();
                try (MiniCluster cluster = new MiniCluster(settings)) {
                    cluster.start();
                    for (String jar : arguments) {
                        String name = new File(jar).getName();
                        try {
                            PackagedProgram program = PackagedProgram.newBuilder()
                                    .setJarFile(new File(jar))
                                    .setEntryPointClassName("sample.Job")
                                    .setConfiguration(configuration)
                                    .build();
                            cluster.executeJobBlocking(
                                    PackagedProgramUtils.createJobGraph(program, configuration, 1, false));
                            System.out.println(name + " DONE");
                        } catch (Exception | Error e) {
                            System.out.println(name + " FAILED " + e);
                        }
                    }
                }
                System.exit(0);
            }
        }
        """;

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path[] libraries;

    private Path job(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "job");
        Packages.compile(classes, "sample.Say", """
            package sample;
            public class Say implements org.apache.flink.api.common.functions.MapFunction<Long, Long> {
                @Override public Long map(Long value) {
                    System.out.println("WORKER %s");
                    return value;
                }
            }
            """.formatted(text), libraries);
        Packages.compile(
                classes,
                "sample.Job",
                """
                package sample;
                import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
                public class Job {
                    public static void main(String[] arguments) throws Exception {
                        StreamExecutionEnvironment environment =
                                StreamExecutionEnvironment.getExecutionEnvironment();
                        environment.fromSequence(1, 1).map(new Say()).print();
                        environment.execute();
                    }
                }
                """,
                Stream.concat(Stream.of(libraries), Stream.of(classes)).toArray(Path[]::new));
        return Packages.zip(classes, directory.resolve(name + ".jar"));
    }

    private RunningHost cluster(List<String> options, Path classes, Object... jobs) throws Exception {
        String classPath = Stream.concat(Stream.of(classes), Stream.of(libraries))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        Object[] arguments = Stream.concat(
                        Stream.of("--add-opens=java.base/java.util=ALL-UNNAMED", "-cp", classPath, "sample.Cluster"),
                        Stream.of(jobs))
                .toArray();
        return rollout.start(directory, options, arguments);
    }

    @HostJdk(HIGHEST)
    void job_signed_runsUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        try (Stream<Path> jars = Files.list(Distribution.copy("flink", directory.resolve("libraries")))) {
            libraries = jars.sorted().toArray(Path[]::new);
        }
        Path classes = Files.createDirectory(directory.resolve("classes"));
        Packages.compile(classes, "sample.Cluster", HOST, libraries);
        Path good = job("good", "good");
        try (RunningHost host = cluster(rollout.audit(), classes, good)) {
            assertEquals(0, host.awaitEnd(), host::output);
            assertTrue(host.output().contains("good.jar DONE"), host::output);
        }
        rollout.signWhatTheReportSays();
        try (RunningHost host = cluster(rollout.enforce(), classes, good)) {
            assertEquals(0, host.awaitEnd(), host::output);
            assertTrue(host.output().contains("good.jar DONE"), host::output);
        }
        rollout.assertNothingToReport();

        Path flipped = job("flipped", "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        job("flipped", "flipped");
        Path unsigned = job("unsigned", "unsigned");
        try (RunningHost host = cluster(rollout.enforce(), classes, unsigned, flipped, good)) {
            assertEquals(0, host.awaitEnd(), host::output);
            for (String name : new String[] {"unsigned", "flipped"}) {
                assertTrue(host.output().contains(name + ".jar FAILED"), host::output);
                assertFalse(host.output().contains("WORKER " + name), host::output);
                rollout.assertRefused("/" + name + ".jar");
            }
            assertTrue(host.output().contains("WORKER good"), host::output);
            assertTrue(host.output().contains("good.jar DONE"), host::output);
        }
    }
}
