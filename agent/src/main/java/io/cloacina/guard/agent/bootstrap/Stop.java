// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.util.function.Consumer;

/**
 * Ends the JVM with one line on standard error and status 78. It ends whatever happens on the way: no memory, no thread to be
 * had, standard error a full pipe.
 */
public final class Stop implements Consumer<Throwable> {

    /** EX_CONFIG of BSD's sysexits: the guard could not be set up as it was meant to be. */
    private static final int CONFIGURATION_ERROR = 78;

    private static final long LAST_WORDS_MILLIS = 5_000;

    /** Made before it is needed. */
    public Stop() {}

    @Override
    @AllowedCall("the only place where the guard ends a JVM")
    public void accept(Throwable reason) {
        try {
            Thread speaker = new GuardThread(new LastWords(line(reason)), "cloacina-guard-last-words", 0);
            speaker.start();
            speaker.join(LAST_WORDS_MILLIS);
        } catch (Throwable e) {
            // Nothing more can be said.
        } finally {
            Runtime.getRuntime().halt(CONFIGURATION_ERROR);
        }
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
