// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A host that was started, by its own script or by {@code java}; closing it asks it to end, and waits for that. */
final class RunningHost implements AutoCloseable {

    /** Far longer than any of them takes; a host that hangs is a failure, not a wait. */
    private static final long LIMIT_SECONDS = 240;

    private final Process process;
    private final StringBuilder output = new StringBuilder();
    private boolean ended;

    RunningHost(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of process " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                append(line + "\n");
            }
        } catch (IOException e) {
            append(e + "\n");
        } finally {
            synchronized (output) {
                ended = true;
                output.notifyAll();
            }
        }
    }

    private void append(String text) {
        synchronized (output) {
            output.append(text);
            output.notifyAll();
        }
    }

    String output() {
        synchronized (output) {
            return output.toString();
        }
    }

    /**
     * Waits until the host has said what matches.
     *
     * @param pattern is looked for in all of its output, line breaks included
     * @return the first group, or all that matched if there is no group
     */
    String await(String pattern) throws InterruptedException {
        Pattern compiled = Pattern.compile(pattern);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        synchronized (output) {
            while (true) {
                Matcher matcher = compiled.matcher(output);
                if (matcher.find()) {
                    return matcher.group(matcher.groupCount() == 0 ? 0 : 1);
                }
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError((ended ? "ended" : "hangs") + " before [" + pattern + "]:\n" + output);
                }
                output.wait(left);
            }
        }
    }

    /** Waits until the host has ended by itself. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end:\n" + output());
        }
        awaitOutputEnd();
        return process.exitValue();
    }

    private void awaitOutputEnd() throws InterruptedException {
        synchronized (output) {
            while (!ended) {
                output.wait(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            }
        }
    }

    /** The status and the text that the host answers with. */
    static String get(String address) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(address)));
    }

    /** The status and the text that the host answers JSON with. */
    static String post(String address, String json) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(address))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(request.timeout(Duration.ofSeconds(LIMIT_SECONDS)).build(), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    /** A port that is free now, for hosts that must be told one. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        // A script that does not give its place to the JVM leaves it behind.
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            for (ProcessHandle each : all) {
                each.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
            }
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public String toString() {
        return output();
    }
}
