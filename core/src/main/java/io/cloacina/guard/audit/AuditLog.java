// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Stamps events with time and id and writes each to every sink, in the order in which they were recorded.
 *
 * <p>No call waits longer than the time-out for a sink that does not take an event. A sink is in trouble from its first
 * failure to its next success; each change of that is recorded as {@code guard.degraded} by the sinks that work, or on
 * standard error if there is none, with the fields {@code what} (the sink), {@code why}, {@code state}
 * ({@code degraded} or {@code recovered}), and after a recovery {@code missed_events} and {@code late_event_id} (an
 * event that was given up but written in the end).
 *
 * <p>Text longer than {@value #MAX_TEXT_LENGTH} characters is cut there, and so is more if the line would still be
 * longer than {@link EncodedEvent#MAX_LINE_BYTES}; the last field {@code truncated} then names what was cut with its
 * whole length.
 *
 * <p>Safe for use by many threads.
 */
public final class AuditLog implements AutoCloseable {

    /** The longest text of a field, in UTF-16 characters. */
    public static final int MAX_TEXT_LENGTH = 4_000;

    private final Clock clock;
    private final @Nullable UUID orgId;
    private final EventEncoder encoder;
    private final long timeoutMillis;
    private final SinkWriter[] writers;
    private final @Nullable SinkWriter lastResort;

    /** Of no organisation, and with the default time-out. */
    public AuditLog(Clock clock, List<AuditSink> sinks) {
        this(clock, sinks, null, AuditSettings.DEFAULT, null);
    }

    /**
     * @param orgId whose events about the sinks themselves are; may be null
     * @param lastResort gets those events when no sink works; may be null
     */
    AuditLog(
            Clock clock,
            List<AuditSink> sinks,
            @Nullable UUID orgId,
            AuditSettings settings,
            @Nullable AuditSink lastResort) {
        this.clock = clock;
        this.orgId = orgId;
        this.encoder = new EventEncoder(clock, new CommonFields(settings));
        this.timeoutMillis = settings.timeout().toMillis();
        States states = new States();
        this.writers = new SinkWriter[sinks.size()];
        for (int i = 0; i < writers.length; i++) {
            writers[i] = new SinkWriter(sinks.get(i), states);
        }
        this.lastResort = lastResort == null ? null : new SinkWriter(lastResort, new NoListener());
    }

    /**
     * Opens sinks by name, with the default settings, by the clock of the system and of no organisation. Standard error
     * gets nothing that was not asked for.
     *
     * @param names {@code stderr}, {@code stdout}, {@code file:PATH}, {@code syslog:udp://HOST:PORT} and the others that
     *     {@link AuditSinks#requireName} lets pass
     * @throws IllegalArgumentException if it is not the name of a sink
     * @throws IOException if a file cannot be opened for appending
     */
    public static AuditLog open(String... names) throws IOException {
        return open(Clock.systemUTC(), List.of(names), AuditSettings.DEFAULT, null, null, false);
    }

    /**
     * Opens sinks by name.
     *
     * @param names as {@link AuditSinks#requireName} lets pass
     * @param orgId whose events about the sinks themselves are; may be null
     * @param configurationDigest its text names the configuration of this process in its first line of every file, and
     *     is asked for with that line; may be null
     * @param tellOnStderr whether standard error gets the events about the sinks themselves when no sink works
     * @throws IOException if a file cannot be opened for appending
     */
    public static AuditLog open(
            Clock clock,
            List<String> names,
            AuditSettings settings,
            @Nullable UUID orgId,
            @Nullable Object configurationDigest,
            boolean tellOnStderr)
            throws IOException {
        List<AuditSink> sinks = AuditSinks.open(names, settings, configurationDigest);
        boolean apart = tellOnStderr && !names.contains(AuditSinks.STDERR);
        return new AuditLog(clock, sinks, orgId, settings, apart ? AuditSinks.stderr() : null);
    }

    /**
     * Writes the event to every sink; one that fails does not keep the others from getting it. A sink in trouble is
     * tried again, but not waited for.
     *
     * @return its {@code event_id}
     * @throws AuditFailedException if any sink failed or is in trouble
     */
    public @Nullable UUID record(AuditEvent event) throws AuditFailedException {
        Sending sending = send(event, true);
        sending.orThrow();
        return sending.id();
    }

    /**
     * Writes the event to every sink, and to those in trouble first: if one of them still fails, the others do not get
     * it.
     *
     * @throws AuditFailedException if any sink failed
     */
    public void recordInAll(AuditEvent event) throws AuditFailedException {
        boolean[] tried = new boolean[writers.length];
        EventEncoder.Draft draft = encoder.draft(event);
        Sending sending = null;
        synchronized (this) {
            for (int i = 0; i < writers.length; i++) {
                if (writers[i].trouble() != null) {
                    sending = sending == null ? new Sending(draft) : sending;
                    sending.submit(i);
                    tried[i] = true;
                }
            }
        }
        if (sending != null) {
            sending.await();
            sending.orThrow();
        }
        synchronized (this) {
            sending = sending == null ? new Sending(draft) : sending;
            for (int i = 0; i < writers.length; i++) {
                if (!tried[i]) {
                    sending.submit(i);
                }
            }
        }
        sending.await();
        sending.orThrow();
    }

    /**
     * Writes the event to the sinks that work, which may be none, and waits for them.
     *
     * @return its {@code event_id}
     */
    public @Nullable UUID recordWhereWorking(AuditEvent event) {
        return send(event, false).id();
    }

    /** Has the event written to the sinks that work, or to standard error if none does, and waits for nothing. */
    public void note(AuditEvent event) {
        EventEncoder.Draft draft = encoder.draft(event);
        synchronized (this) {
            Sending sending = new Sending(draft);
            boolean any = false;
            for (int i = 0; i < writers.length; i++) {
                if (writers[i].trouble() == null) {
                    sending.submit(i);
                    any = true;
                }
            }
            if (!any && lastResort != null) {
                lastResort.submit(sending.encoded);
            }
        }
    }

    /** Writes a line for people to standard error; one that is full is waited for no longer than any sink. */
    public void say(String text) {
        SinkWriter writer = lastResort;
        for (SinkWriter one : writers) {
            writer = one.name().equals(AuditSinks.STDERR) ? one : writer;
        }
        if (writer == null || writer.trouble() != null) {
            return;
        }
        byte[] line = (Printable.of(text) + "\n").getBytes(StandardCharsets.UTF_8);
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        SinkEntry entry = writer.submit(new EncodedEvent("", clock.instant(), null, 0, line));
        writer.await(entry, deadline, timeoutMillis);
    }

    /** What the trouble with the sinks is, for a person; null if there is none. */
    public @Nullable String trouble() {
        StringBuilder all = new StringBuilder();
        for (SinkWriter writer : writers) {
            String trouble = writer.trouble();
            if (trouble != null) {
                all.append(all.length() == 0 ? "" : "; ").append(failed(writer, trouble));
            }
        }
        return all.length() == 0 ? null : all.toString();
    }

    private static String failed(SinkWriter writer, String why) {
        return "audit sink [" + writer.name() + "] failed: " + why;
    }

    private Sending send(AuditEvent event, boolean tryTrouble) {
        EventEncoder.Draft draft = encoder.draft(event);
        Sending sending;
        synchronized (this) {
            sending = new Sending(draft);
            for (int i = 0; i < writers.length; i++) {
                String trouble = writers[i].trouble();
                if (trouble == null) {
                    sending.submit(i);
                } else {
                    if (tryTrouble) {
                        writers[i].submit(sending.encoded);
                    }
                    sending.fail(writers[i], trouble);
                }
            }
        }
        sending.await();
        return sending;
    }

    /** One event on its way to the sinks. */
    private final class Sending {
        private final EncodedEvent encoded;
        private final SinkEntry[] entries = new SinkEntry[writers.length];
        private final long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        private @Nullable String failures;
        private boolean taken;

        /** Under the lock of the log. */
        Sending(EventEncoder.Draft draft) {
            encoded = draft.stamp();
        }

        void submit(int writer) {
            entries[writer] = writers[writer].submit(encoded);
        }

        void await() {
            for (int i = 0; i < writers.length; i++) {
                if (entries[i] != null) {
                    String why = writers[i].await(entries[i], deadline, timeoutMillis);
                    entries[i] = null;
                    if (why == null) {
                        taken = true;
                    } else {
                        fail(writers[i], why);
                    }
                }
            }
        }

        void fail(SinkWriter writer, String why) {
            String one = failed(writer, why);
            failures = failures == null ? one : failures + "; " + one;
        }

        @Nullable
        UUID id() {
            return encoded.id();
        }

        void orThrow() throws AuditFailedException {
            if (failures != null) {
                throw new AuditFailedException(failures, taken ? encoded.id() : null);
            }
        }
    }

    /**
     * Closes all sinks once they have written what was given to them; the first failure is thrown after all were tried.
     */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        for (SinkWriter writer : writers) {
            writer.startClosing();
        }
        if (lastResort != null) {
            lastResort.startClosing();
        }
        for (SinkWriter writer : writers) {
            try {
                writer.awaitClosed(deadline);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Tells the other sinks about one that has changed its state. */
    private final class States implements SinkWriter.Listener {
        @Override
        public void failed(SinkWriter writer, String why) {
            note(GuardEvents.degraded(orgId, what(writer), why));
        }

        @Override
        public void recovered(SinkWriter writer, String why, long missed, @Nullable UUID late) {
            note(GuardEvents.sinkRecovered(orgId, what(writer), why, missed, late));
        }

        private static String what(SinkWriter writer) {
            return "audit sink " + writer.name();
        }
    }

    /** If standard error itself fails, no stream is left for the report. */
    private static final class NoListener implements SinkWriter.Listener {
        @Override
        public void failed(SinkWriter writer, String why) {}

        @Override
        public void recovered(SinkWriter writer, String why, long missed, @Nullable UUID late) {}
    }
}
