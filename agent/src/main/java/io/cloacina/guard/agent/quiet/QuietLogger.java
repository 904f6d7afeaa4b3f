package io.cloacina.guard.agent.quiet;

import java.util.function.Supplier;

/**
 * Stands for {@code java.util.logging.Logger}, and logs nothing: what goes wrong in a library reaches the guard as an
 * exception. Has the methods that the libraries call. Safe for use by several threads.
 */
public final class QuietLogger {

    private static final QuietLogger LOGGER = new QuietLogger();

    private QuietLogger() {}

    /** The same for every name. */
    public static QuietLogger getLogger(String name) {
        return LOGGER;
    }

    public String getName() {
        return "";
    }

    /** False, so that nothing else here is called but by mistake. */
    public boolean isLoggable(QuietLevel level) {
        return false;
    }

    public void log(QuietLevel level, String message) {}

    public void log(QuietLevel level, String message, Object parameter) {}

    public void log(QuietLevel level, String message, Object[] parameters) {}

    public void log(QuietLevel level, String message, Throwable thrown) {}

    public void log(QuietLevel level, Supplier<String> message) {}

    public void log(QuietRecord message) {}

    public void warning(String message) {}

    public void info(String message) {}

    public void fine(String message) {}
}
