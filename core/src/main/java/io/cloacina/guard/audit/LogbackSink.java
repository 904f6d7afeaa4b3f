// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.cloacina.guard.internal.process.GuardThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to the appenders of a Logback of its own, which one file configures: not the application's Logback, nor
 * what that reads ({@code logback.configurationFile}, {@code logback.xml}). The message is the JSON line; the level
 * follows the event's severity.
 *
 * <p>Appenders throw nothing. An event counts as taken if Logback reported no error since the one before and all
 * appenders are still at work. Otherwise the next event finds them opened anew, because an appender that has failed
 * drops events for minutes, and after some failures says nothing more.
 */
final class LogbackSink implements AuditSink {

    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int INFORMATIONAL = 6;

    private final String name;
    private final LogbackFile file;
    private LogbackStatuses statuses = new LogbackStatuses();
    private @Nullable LoggerContext context;
    private @Nullable LogbackAppenders appenders;
    private boolean failed;

    private LogbackSink(String name, LogbackFile file) {
        this.name = name;
        this.file = file;
    }

    /**
     * Starts the appenders that {@code file} names. One that does not return in time, such as a pipe without a reader,
     * is waited for by the first event.
     *
     * @throws SinkConfigurationException if the file is not what it must be, or an appender does not start
     */
    static LogbackSink open(String name, Path file, AuditSettings settings) throws SinkConfigurationException {
        // Not on the thread of the caller, by whose context class loader libraries would find the application.
        Opening opening = new Opening(name, file);
        GuardThreads.create(opening, "cloacina-guard-logback", 0).start();
        return opening.await(settings.sinkTimeoutNanos());
    }

    /**
     * Reads and checks the file, and starts nothing.
     *
     * @throws SinkConfigurationException if it is not what it must be
     */
    static void check(Path file) throws SinkConfigurationException {
        LogbackFile.read(file);
    }

    private synchronized LoggerContext connect() throws IOException {
        if (context != null) {
            return context;
        }
        statuses = new LogbackStatuses();
        LoggerContext started = file.start(statuses);
        appenders = new LogbackAppenders(started);
        context = started;
        if (failed) {
            appenders.endTornLines();
        }
        return started;
    }

    @Override
    public synchronized void write(EncodedEvent event) throws IOException {
        Logger logger = connect().getLogger(LogbackAppenders.LOGGER);
        Level level = level(event.severity());
        // A level or a filter of the file is meant: what it holds back has been dealt with as configured.
        if (logger.isEnabledFor(level)) {
            String text = new String(event.line(), 0, event.line().length - 1, StandardCharsets.US_ASCII);
            LoggingEvent logged = new LoggingEvent(LogbackSink.class.getName(), logger, level, text, null, null);
            logged.setInstant(event.time());
            logged.setMDCPropertyMap(Collections.emptyMap());
            logger.callAppenders(logged);
        }
        String problem = statuses.take();
        String stopped = appenders == null ? null : appenders.stopped();
        if (problem == null && stopped == null) {
            failed = false;
            return;
        }
        if (statuses.isBroken() || stopped != null) {
            failed = true;
            stop();
        }
        throw new IOException(problem == null ? stopped : problem);
    }

    private void stop() {
        LoggerContext stopping = context;
        context = null;
        if (stopping != null) {
            stopping.stop();
        }
    }

    private static Level level(int severity) {
        if (severity <= ERROR) {
            return Level.ERROR;
        }
        return severity == WARNING ? Level.WARN : severity <= INFORMATIONAL ? Level.INFO : Level.DEBUG;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void close() throws IOException {
        if (context == null) {
            return;
        }
        stop();
        String problem = statuses.take();
        if (problem != null) {
            throw new IOException("audit sink [" + name + "] could not be closed: " + problem);
        }
    }

    /** A sink that is being opened, by a thread that may never come back. */
    private static final class Opening implements Runnable {
        private final String name;
        private final Path path;
        private @Nullable LogbackSink sink;
        private @Nullable Throwable failure;
        private boolean done;

        Opening(String name, Path path) {
            this.name = name;
            this.path = path;
        }

        @Override
        public void run() {
            Throwable thrown = null;
            try {
                LogbackSink made = new LogbackSink(name, LogbackFile.read(path));
                synchronized (this) {
                    sink = made;
                    notifyAll();
                }
                made.connect();
            } catch (Throwable e) {
                thrown = e;
            }
            synchronized (this) {
                failure = thrown;
                done = true;
                notifyAll();
            }
        }

        /**
         * Waits until the file is read, however slow the machine: it is a regular file. Only its appenders can block,
         * and are waited for no longer than {@code nanos}.
         */
        synchronized LogbackSink await(long nanos) throws SinkConfigurationException {
            boolean interrupted = false;
            while (sink == null && !done) {
                interrupted |= !waitFor(0);
            }
            long deadline = System.nanoTime() + nanos;
            long rest = nanos;
            while (!done && rest > 0) {
                interrupted |= !waitFor(rest / 1_000_000 + 1);
                rest = deadline - System.nanoTime();
            }
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
            if (failure instanceof SinkConfigurationException known) {
                throw known;
            }
            if (failure != null) {
                throw new SinkConfigurationException(
                        "the Logback file [" + path + "] cannot be used: " + failure, failure);
            }
            return Objects.requireNonNull(sink);
        }

        /** False if the thread was interrupted. Under the lock. */
        @SuppressWarnings("WaitNotInLoop") // its callers wait in loops
        private boolean waitFor(long millis) {
            try {
                wait(millis);
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        }
    }
}
