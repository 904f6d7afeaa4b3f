// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.BenchmarkHost;
import io.cloacina.guard.agent.hosts.EmptyAgent;
import io.cloacina.guard.agent.hosts.WatchingAgent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JVMs that {@link Benchmarks} starts and times: hosts with an agent or the guard, and the command line. */
final class BenchmarkJvms {

    private static final String ORG = "00000000-0000-4000-8000-000000000001";

    final Path directory;
    final Path classes;
    final Path guard;
    final Path empty;
    final Path watching;
    final Path cli;
    String store;
    Path publicKey;
    /** Of the last host, whole. */
    double cpuMillis;

    BenchmarkJvms(Path directory) throws Exception {
        this.directory = directory;
        this.classes = Path.of(Benchmarks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        this.guard = classes.resolveSibling("cloacina-guard.jar");
        this.cli = classes.resolve("../../../core/target/cloacina.jar").normalize();
        this.empty = StartBenchmark.agentJar(directory.resolve("empty.jar"), classes, EmptyAgent.class);
        this.watching = StartBenchmark.agentJar(directory.resolve("watching.jar"), classes, WatchingAgent.class);
        this.store = "sqlite://" + directory.resolve("trust.db");
    }

    void trust(Path kek) throws Exception {
        cloacina("key", "create", "bench", "--kek-file", kek);
        cloacina("trust", "add", "--key", "bench");
    }

    void sign(Path kek, Path target) throws Exception {
        cloacina("sign", target, "--key", "bench", "--kek-file", kek);
    }

    /** By the store, and nothing else than it must be: events go to standard error. */
    List<String> usual() {
        return List.of(
                "-Dcloacina.require_signatures=true",
                "-Dcloacina.database_url=" + store,
                "-Dcloacina.verification_org_id=" + ORG);
    }

    List<String> byStore() {
        List<String> options = new ArrayList<>(usual());
        options.add("-Dcloacina.audit=file:" + directory.resolve("events"));
        return options;
    }

    List<String> offline() {
        return List.of(
                "-Dcloacina.require_signatures=true",
                "-Dcloacina.audit=file:" + directory.resolve("events"),
                "-Dcloacina.trusted_keys=" + publicKey);
    }

    double host(Jdk jdk, Path agent, List<String> options, String path, String what, Path... arguments)
            throws Exception {
        return host(jdk, agent, options, path, BenchmarkHost.class, what, arguments);
    }

    double host(
            Jdk jdk, Path agent, List<String> options, String path, Class<?> program, String what, Path... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(jdk.java().toString(), "-javaagent:" + agent));
        command.addAll(options);
        command.addAll(List.of("-cp", path, program.getName(), what));
        for (Path argument : arguments) {
            command.add(argument.toString());
        }
        // Whole JVMs: what a program computes about itself misses the threads that have ended, and takes classes of its
        // own.
        List<String> timed = new ArrayList<>(List.of("bash", "-c", "TIMEFORMAT='%3U %3S'; time \"$@\"", "timed"));
        timed.addAll(command);
        double result = Double.parseDouble(output(timed).strip());
        String[] times = Files.readString(directory.resolve("err"))
                .strip()
                .replace(',', '.')
                .split("\\s+");
        cpuMillis = 1000 * (Double.parseDouble(times[times.length - 2]) + Double.parseDouble(times[times.length - 1]));
        return result;
    }

    List<String> cloacinaCommand(Jdk jdk, List<String> options, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(jdk.java().toString()));
        command.addAll(options);
        command.addAll(List.of("-jar", cli.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    void cloacina(Object... arguments) throws Exception {
        wall(cloacinaCommand(Jdks.all().get(0), List.of(), arguments));
    }

    ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLOACINA_") || name.equals("JAVA_TOOL_OPTIONS"));
        if (command.contains(cli.toString())) {
            builder.environment().put("CLOACINA_DATABASE_URL", store);
            builder.environment().put("CLOACINA_ORG_ID", ORG);
            builder.environment().put("CLOACINA_AUDIT", "file:" + directory.resolve("cli-events"));
        }
        return builder.redirectError(directory.resolve("err").toFile());
    }

    String output(List<String> command) throws Exception {
        Process process = process(command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        requireDone(command, process.waitFor());
        return out;
    }

    double wall(List<String> command) throws Exception {
        long start = System.nanoTime();
        output(command);
        return (System.nanoTime() - start) / 1e6;
    }

    double wallOfAnyStatus(List<String> command) throws Exception {
        long start = System.nanoTime();
        process(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        return (System.nanoTime() - start) / 1e6;
    }

    void requireDone(List<String> command, int status) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("status " + status + " of " + String.join(" ", command) + "\n"
                    + Files.readString(directory.resolve("err")));
        }
    }
}
