// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.internal.process.GuardThreads;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link SignerCommand}. Every wait has a bound, whatever the process does with its streams: they are
 * read and written on threads of their own.
 *
 * <p>Used by one thread at a time.
 */
final class SignerProcess implements AutoCloseable {

    /** What it answered, or how it failed to. */
    enum Kind {
        LINE,
        /** The output ended, and the process with a status. */
        ENDED,
        TOO_LONG,
        SEVERAL_LINES,
        TOO_LATE
    }

    /**
     * @param line empty for other kinds than {@code LINE}
     * @param status of a process that {@code ENDED}
     */
    record Answer(Kind kind, String line, int status) {}

    private static final int LONGEST_LINE_BYTES = 4096;
    private static final int LONGEST_ERROR_BYTES = 1000;

    /** How long a process whose input has ended may take to end, before it is killed. */
    private static final long TIME_TO_END_SECONDS = 5;

    /** How long to wait for what an ended process has written: one that it has started may keep its streams open. */
    private static final long TIME_FOR_STREAMS_SECONDS = 1;

    /** What else the environment holds is the program's business; these are secrets of this program. */
    private static final List<String> OWN_SECRETS =
            List.of("CLOACINA_KEY_ENCRYPTION_KEY", "CLOACINA_NEW_KEY_ENCRYPTION_KEY", "CLOACINA_DATABASE_URL");

    private final Process process;
    private final LinkedBlockingQueue<Answer> output = new LinkedBlockingQueue<>();
    private final Thread errorReader;
    private volatile String lastError = "";
    private boolean endOfInput;
    private @Nullable Thread writer;

    private SignerProcess(Process process) {
        this.process = process;
        GuardThreads.create(this::readOutput, "cloacina-signer-output", 0).start();
        this.errorReader = GuardThreads.create(this::readErrors, "cloacina-signer-errors", 0);
        errorReader.start();
    }

    static SignerProcess start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        OWN_SECRETS.forEach(environment::remove);
        return new SignerProcess(builder.start());
    }

    /** Whether it has got the end of its input, so that it can be asked nothing more. */
    boolean hasEndOfInput() {
        return endOfInput;
    }

    /**
     * Hands it a line and waits for one. A process whose input has ended must end, too, with status 0.
     *
     * @param untilEndOfInput how long its input stays open while there is no answer; zero for not at all
     */
    Answer ask(String line, Duration untilEndOfInput, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        if (!output.isEmpty() && output.peek().kind() != Kind.ENDED) {
            return new Answer(Kind.SEVERAL_LINES, "", 0);
        }
        endOfInput = untilEndOfInput.isZero();
        write((line + "\n").getBytes(StandardCharsets.US_ASCII), endOfInput);
        @Nullable Answer answer = null;
        if (!endOfInput) {
            answer = poll(Math.min(untilEndOfInput.toNanos(), limit.toNanos()));
            if (answer == null) {
                endOfInput = true;
                write(new byte[0], true);
            }
        }
        answer = answer == null ? poll(deadline - System.nanoTime()) : answer;
        if (answer == null) {
            return new Answer(Kind.TOO_LATE, "", 0);
        }
        if (answer.kind() == Kind.ENDED || answer.kind() == Kind.LINE && endOfInput) {
            Answer end = ended(deadline);
            return end.kind() == Kind.ENDED && end.status() == 0 ? onlyLine(answer) : end;
        }
        return answer;
    }

    /** Of a process that has ended: nothing may follow. */
    private Answer onlyLine(Answer answer) {
        if (answer.kind() != Kind.LINE) {
            return answer;
        }
        @Nullable Answer next = poll(TimeUnit.SECONDS.toNanos(TIME_FOR_STREAMS_SECONDS));
        return next == null || next.kind() == Kind.ENDED ? answer : new Answer(Kind.SEVERAL_LINES, "", 0);
    }

    /** In a thread of its own: a process that reads nothing lets a long line wait. */
    private void write(byte[] bytes, boolean last) {
        OutputStream input = process.getOutputStream();
        @Nullable Thread before = writer;
        Thread mine = GuardThreads.create(
                () -> {
                    try {
                        if (before != null) {
                            before.join();
                        }
                        input.write(bytes);
                        input.flush();
                        if (last) {
                            input.close();
                        }
                    } catch (IOException e) {
                        // It reads no more, or has ended: its output says so.
                        return;
                    } catch (InterruptedException e) {
                        GuardThreads.restoreInterrupt();
                    }
                },
                "cloacina-signer-input",
                0);
        writer = mine;
        mine.start();
    }

    private @Nullable Answer poll(long nanos) {
        try {
            return output.poll(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            GuardThreads.restoreInterrupt();
            return null;
        }
    }

    private Answer ended(long deadline) {
        try {
            if (!process.waitFor(Math.max(deadline - System.nanoTime(), 0), TimeUnit.NANOSECONDS)) {
                return new Answer(Kind.TOO_LATE, "", 0);
            }
            errorReader.join(TimeUnit.SECONDS.toMillis(TIME_FOR_STREAMS_SECONDS));
            return new Answer(Kind.ENDED, "", process.exitValue());
        } catch (InterruptedException e) {
            GuardThreads.restoreInterrupt();
            return new Answer(Kind.TOO_LATE, "", 0);
        }
    }

    /** The last line of its standard error, as it may be shown. */
    String lastError() {
        return lastError.isEmpty() ? "it wrote nothing to its standard error" : lastError;
    }

    private void readOutput() {
        try (InputStream in = new BufferedInputStream(process.getInputStream())) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    output.add(line(line));
                } else if (line.size() == LONGEST_LINE_BYTES) {
                    output.add(new Answer(Kind.TOO_LONG, "", 0));
                    return;
                } else {
                    line.write(c);
                }
            }
            if (line.size() > 0) {
                output.add(line(line));
            }
        } catch (IOException e) {
            // It was stopped.
            lastError = lastError.isEmpty() ? Printable.of(String.valueOf(e.getMessage())) : lastError;
        }
        output.add(new Answer(Kind.ENDED, "", 0));
    }

    private static Answer line(ByteArrayOutputStream bytes) {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return new Answer(Kind.LINE, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, 0);
    }

    private void readErrors() {
        try (InputStream in = new BufferedInputStream(process.getErrorStream())) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    keep(line);
                    line.reset();
                } else if (line.size() < LONGEST_ERROR_BYTES) {
                    line.write(c);
                }
            }
            keep(line);
        } catch (IOException e) {
            // It was stopped.
            return;
        }
    }

    private void keep(ByteArrayOutputStream line) {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        if (!text.isEmpty()) {
            lastError = Printable.of(KeyText.shown(text));
        }
    }

    /** Ends its input, and kills it if that does not end it. */
    @Override
    public void close() {
        if (!endOfInput) {
            endOfInput = true;
            write(new byte[0], true);
        }
        boolean ended = false;
        try {
            ended = process.waitFor(TIME_TO_END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            GuardThreads.restoreInterrupt();
        }
        if (!ended) {
            kill();
        }
    }

    /** Ends it, and what it has started, at once. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
