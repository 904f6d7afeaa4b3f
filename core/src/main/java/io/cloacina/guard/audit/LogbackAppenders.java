// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AsyncAppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.status.ErrorStatus;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The appenders of one Logback, also those that stand behind others. */
final class LogbackAppenders {

    /** To which the events go. */
    static final String LOGGER = "io.cloacina.guard.audit";

    private final LoggerContext context;
    private final List<Appender<ILoggingEvent>> all = new ArrayList<>();

    LogbackAppenders(LoggerContext context) {
        this.context = context;
        for (Logger logger : context.getLoggerList()) {
            addAll(logger);
        }
    }

    private void addAll(AppenderAttachable<ILoggingEvent> owner) {
        Iterator<Appender<ILoggingEvent>> appenders = owner.iteratorForAppenders();
        while (appenders.hasNext()) {
            add(appenders.next());
        }
    }

    @SuppressWarnings("unchecked") // appenders of a LoggerContext take ILoggingEvent
    private void add(Appender<ILoggingEvent> appender) {
        all.add(appender);
        if (appender instanceof AppenderAttachable<?> owner) {
            addAll((AppenderAttachable<ILoggingEvent>) owner);
        }
    }

    /** Reports those that lose events unseen, and takes consoles away from what the application makes of them. */
    void prepare(LogbackStatuses statuses) {
        if (!isReached(context.getLogger(LOGGER))) {
            report(statuses, "no appender gets what the logger [" + LOGGER + "] is told: <root> refers to none");
        }
        for (Appender<ILoggingEvent> appender : all) {
            if (appender instanceof AsyncAppenderBase<?> async
                    && (async.isNeverBlock() || async.getDiscardingThreshold() != 0)) {
                report(
                        statuses,
                        named(appender) + " drops events unseen: set <discardingThreshold>0</discardingThreshold>"
                                + " and leave out <neverBlock>");
            }
            if (appender instanceof FileAppender<?> file && !file.isAppend()) {
                report(statuses, named(appender) + " does not append: leave out <append>");
            }
            if (appender instanceof OutputStreamAppender<?> stream && !stream.isImmediateFlush()) {
                report(statuses, named(appender) + " keeps events in memory: leave out <immediateFlush>");
            }
            if (appender instanceof ConsoleAppender<?> console) {
                boolean err = console.getTarget().equals("System.err");
                console.setOutputStream(new Descriptor(err ? FileDescriptor.err : FileDescriptor.out));
            }
        }
    }

    private static boolean isReached(Logger logger) {
        String name = logger.getName();
        Logger at = logger;
        while (!at.iteratorForAppenders().hasNext()) {
            if (!at.isAdditive() || name.equals(org.slf4j.Logger.ROOT_LOGGER_NAME)) {
                return false;
            }
            int dot = name.lastIndexOf('.');
            name = dot < 0 ? org.slf4j.Logger.ROOT_LOGGER_NAME : name.substring(0, dot);
            at = logger.getLoggerContext().getLogger(name);
        }
        return true;
    }

    private void report(LogbackStatuses statuses, String problem) {
        statuses.add(new ErrorStatus(problem, this));
    }

    private static String named(Appender<?> appender) {
        return "the appender [" + appender.getName() + "]";
    }

    /** One that has stopped, as it does when its stream fails; null if all are at work. */
    @Nullable
    String stopped() {
        for (Appender<ILoggingEvent> appender : all) {
            if (!appender.isStarted()) {
                return named(appender) + " has stopped";
            }
        }
        return null;
    }

    /** Ends the half line that a failed write may have left in a file, so that it does not take the next with it. */
    void endTornLines() throws IOException {
        for (Appender<ILoggingEvent> appender : all) {
            if (appender instanceof FileAppender<?> file) {
                endTornLine(file);
            }
        }
    }

    private static void endTornLine(FileAppender<?> file) throws IOException {
        try (RandomAccessFile written = new RandomAccessFile(file.getFile(), "r")) {
            if (written.length() == 0) {
                return;
            }
            written.seek(written.length() - 1);
            if (written.read() == '\n') {
                return;
            }
        } catch (IOException e) {
            // A pipe or a device: nothing is left in one.
            return;
        }
        file.getOutputStream().write('\n');
        file.getOutputStream().flush();
    }

    /** Standard output or error itself: what an application does to {@code System.out} is not our business. */
    private static final class Descriptor extends OutputStream {
        private final FileOutputStream out;

        Descriptor(FileDescriptor descriptor) {
            this.out = new FileOutputStream(descriptor);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {
            // It is the JVM's.
        }
    }
}
