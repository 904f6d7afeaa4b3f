// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/** What an event costs in a file with the chain, compared with appending its bytes to a file. */
final class RecordBenchmark {

    private static final int EVENTS = 20_000;
    private static final int ROUNDS = 5;

    private RecordBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        // As in every JVM that has verified something.
        Sha256.digest();
        Path folder = Files.createTempDirectory("record-benchmark");
        AuditEvent event = AuditEvent.of("package.load.success", new UUID(1, 2))
                .with("package_path", "/srv/plugins/tourist.jar")
                .with("package_hash", "0".repeat(64))
                .with("signer_fingerprint", "0".repeat(64))
                .with("signature_verified", true)
                .with("kind", "jar")
                .with("hook", "class-path-jar")
                .with("class_loader", "java.net.URLClassLoader@1b2c3d");
        double best = Double.MAX_VALUE;
        double bestSink = Double.MAX_VALUE;
        double bestPlain = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            Path plain = folder.resolve("plain" + round);
            byte[] line = ("x".repeat(780) + "\n").getBytes(StandardCharsets.US_ASCII);
            long start = System.nanoTime();
            try (FileChannel out = FileChannel.open(plain, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                for (int i = 0; i < EVENTS; i++) {
                    out.write(ByteBuffer.wrap(line));
                }
            }
            bestPlain = Math.min(bestPlain, micros(start));

            AuditSettings settings = AuditSettings.DEFAULT;
            Path chained = folder.resolve("chained" + round);
            start = System.nanoTime();
            try (AuditLog log =
                    AuditLog.open(Clock.systemUTC(), List.of("file:" + chained), settings, null, null, false)) {
                for (int i = 0; i < EVENTS; i++) {
                    log.recordInAll(event);
                }
            }
            best = Math.min(best, micros(start));

            Path direct = folder.resolve("direct" + round);
            AuditLogLine encoded = new AuditLogLine();
            try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(encoded))) {
                log.recordInAll(event);
            }
            start = System.nanoTime();
            try (AuditSink sink = ChainedFile.open("file:" + direct, direct, settings, null)) {
                for (int i = 0; i < EVENTS; i++) {
                    sink.write(encoded.event);
                }
            }
            bestSink = Math.min(bestSink, micros(start));
        }
        System.out.printf(
                "plain append %.1f us; sink with chain %.1f us (%.1f); with encoding and hand-over %.1f us (%.1f)%n",
                bestPlain, bestSink, bestSink / bestPlain, best, best / bestPlain);
    }

    private static double micros(long start) {
        return (System.nanoTime() - start) / 1_000.0 / EVENTS;
    }

    /** Keeps the event as sinks get it. */
    private static final class AuditLogLine implements AuditSink {
        private volatile EncodedEvent event;

        @Override
        public void write(EncodedEvent given) {
            event = given;
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public void close() {}
    }
}
