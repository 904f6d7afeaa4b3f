// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.instruments;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.internal.decision.DecisionObserver;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.decision.Outcome;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Gives every decision to the flight recorder, as long as a recording runs. What goes wrong there changes no decision:
 * without the recorder's help there are no more events of it.
 */
public final class FlightEvents implements DecisionObserver {

    /** A decision that was begun on the current thread. */
    private static final class Begun {
        private final PackageLoad event;
        private final Load load;
        private final Path copy;
        private final long bytes;

        Begun(PackageLoad event, Load load, Path copy, long bytes) {
            this.event = event;
            this.load = load;
            this.copy = copy;
            this.bytes = bytes;
        }

        long bytesHashed() throws IOException {
            return copy == null ? bytes : size(copy);
        }
    }

    @SuppressWarnings("ThreadLocalUsage") // there is one of these for the life of the JVM
    private final ThreadLocal<Begun> begun = new ThreadLocal<>();

    private volatile boolean broken;

    private static final long PAUSE_MILLIS = 5;

    /** A minute; a recorder takes less than a second. */
    private static final int MAX_TRIES = 12_000;

    /**
     * Makes the event known to the recorder, with all of a fresh stack: a class whose initialiser fails for want of
     * stack is lost for good. Waits until the recorder is there: Java 21 makes the class by which events are written
     * without a lock, and two threads that are the first to need it disturb each other.
     */
    public void register() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int tries = 0; tries < MAX_TRIES && !FlightRecorder.isInitialized(); tries++) {
            if (never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        FlightRecorder.register(PackageLoad.class);
    }

    @Override
    public void begins(Load load, @Nullable Path copy, long bytes) {
        if (broken) {
            return;
        }
        try {
            PackageLoad event = new PackageLoad();
            if (event.isEnabled()) {
                begun.set(new Begun(event, load, copy, bytes));
                event.begin();
            }
        } catch (LinkageError | RuntimeException e) {
            broken = true;
        } catch (StackOverflowError e) {
            // The load itself has no better chances; should it go on, it goes on without this event.
            return;
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very load that was begun
    public void decided(Load load, Outcome outcome, AuditEvent recorded) {
        if (broken) {
            return;
        }
        try {
            Begun before = begun.get();
            if (before != null) {
                begun.remove();
            }
            boolean ofThis = before != null && before.load == load;
            PackageLoad event = ofThis ? before.event : new PackageLoad();
            if (!event.isEnabled()) {
                return;
            }
            event.end();
            Map<String, Object> fields = recorded.fields();
            event.outcome = outcome.word();
            event.failureReason = text(fields, "failure_reason");
            event.packagePath = load.packagePath();
            event.packageHash = text(fields, "package_hash");
            event.signerFingerprint = text(fields, "signer_fingerprint");
            event.kind = load.kind().word();
            event.hook = load.hook();
            event.bytesHashed = ofThis && event.packageHash != null ? before.bytesHashed() : 0;
            event.commit();
        } catch (LinkageError | RuntimeException e) {
            broken = true;
        } catch (StackOverflowError | IOException e) {
            // The load itself has no better chances, or the copy went away under us: it goes on without this event.
            return;
        }
    }

    private static @Nullable String text(Map<String, Object> fields, String name) {
        Object value = fields.get(name);
        return value == null ? null : value.toString();
    }

    private static long size(Path copy) throws IOException {
        if (!Files.isDirectory(copy)) {
            return Files.size(copy);
        }
        long[] sum = new long[1];
        Files.walkFileTree(copy, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
