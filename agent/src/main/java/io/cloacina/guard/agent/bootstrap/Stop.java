// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Ends the JVM with one line on standard error and status 78. It ends whatever happens on the way: no memory, no thread to be
 * had, standard error a full pipe.
 */
public final class Stop implements Consumer<Throwable> {

    /** EX_CONFIG of BSD's sysexits: the guard could not be set up as it was meant to be. */
    private static final int CONFIGURATION_ERROR = 78;

    private static final long LAST_WORDS_NANOS = 5_000_000_000L;

    /** Made before it is needed. */
    public Stop() {}

    @Override
    @AllowedCall("the only place where the guard ends a JVM")
    public void accept(Throwable reason) {
        try {
            say(line(reason));
        } catch (Throwable e) {
            // Nothing more can be said.
        } finally {
            Runtime.getRuntime().halt(CONFIGURATION_ERROR);
        }
    }

    private static void say(String line) throws IOException {
        Thread speaker = new GuardThread(new LastWords(line), "cloacina-guard-last-words", 0);
        try {
            speaker.start();
        } catch (Throwable e) {
            // No thread is to be had.
            if (takesALineAtOnce()) {
                new FileOutputStream(FileDescriptor.err).write((line + "\n").getBytes(Charset.defaultCharset()));
            }
            return;
        }
        long end = System.nanoTime() + LAST_WORDS_NANOS;
        for (long left = LAST_WORDS_NANOS; speaker.isAlive() && left > 0; left = end - System.nanoTime()) {
            try {
                speaker.join(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                // The thread ends with the JVM; an interrupt is not to hide why.
            }
        }
    }

    /**
     * Whether standard error takes a line without a wait, as a file does: a pipe in which something is left unread may be
     * full, a terminal may be stopped, and nothing is known of a socket. Where there is no {@code /proc}, nothing is known at
     * all.
     */
    private static boolean takesALineAtOnce() throws IOException {
        String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
        return target.startsWith("pipe:")
                ? new FileInputStream(FileDescriptor.err).available() == 0
                : Files.isRegularFile(Path.of(target));
    }

    private static String line(Throwable thrown) {
        // A configuration mistake has a message of its own; anything else also needs its type.
        String text = thrown instanceof IllegalArgumentException
                        || thrown.getClass().getSimpleName().equals("ConfigException")
                ? thrown.getMessage()
                : "cannot start: " + thrown;
        return "cloacina-guard: " + String.valueOf(text).replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+", " ")
                + "; the JVM is stopped (status 78)";
    }

    /** Standard error may be a full pipe that is not read; the JVM ends all the same. */
    private static final class LastWords implements Runnable {
        private final String line;

        LastWords(String line) {
            this.line = line;
        }

        @Override
        @AllowedCall("the only place where the guard says why it ends a JVM")
        public void run() {
            System.err.println(line);
            System.err.flush();
        }
    }
}
