// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

import java.util.function.Supplier;

/**
 * Replaces {@code java.util.logging.Logger}, and logs nothing: what goes wrong in a library reaches the guard as an
 * exception. Has the methods that the libraries call. Safe for use by several threads.
 */
public final class NoOpLogger {

    private static final NoOpLogger LOGGER = new NoOpLogger();

    private NoOpLogger() {}

    /** The same for every name. */
    public static NoOpLogger getLogger(String name) {
        return LOGGER;
    }

    public String getName() {
        return "";
    }

    /** False, so that nothing else here is called but by mistake. */
    public boolean isLoggable(NoOpLevel level) {
        return false;
    }

    public void log(NoOpLevel level, String message) {}

    public void log(NoOpLevel level, String message, Object parameter) {}

    public void log(NoOpLevel level, String message, Object[] parameters) {}

    public void log(NoOpLevel level, String message, Throwable thrown) {}

    public void log(NoOpLevel level, Supplier<String> message) {}

    public void log(NoOpRecord message) {}

    public void warning(String message) {}

    public void info(String message) {}

    public void fine(String message) {}
}
