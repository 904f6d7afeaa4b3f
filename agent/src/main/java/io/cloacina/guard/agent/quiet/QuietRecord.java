package io.cloacina.guard.agent.quiet;

/** Stands for {@code java.util.logging.LogRecord}, and keeps nothing. */
public final class QuietRecord {

    public QuietRecord(QuietLevel level, String message) {}

    public void setLoggerName(String name) {}

    public void setParameters(Object[] parameters) {}

    public void setThrown(Throwable thrown) {}
}
