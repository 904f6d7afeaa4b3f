package io.cloacina.guard.agent.quiet;

/** Stands for {@code java.util.logging.Level}, which small run-time images lack. */
public final class QuietLevel {

    public static final QuietLevel SEVERE = new QuietLevel();
    public static final QuietLevel WARNING = new QuietLevel();
    public static final QuietLevel INFO = new QuietLevel();
    public static final QuietLevel FINE = new QuietLevel();
    public static final QuietLevel FINER = new QuietLevel();
    public static final QuietLevel FINEST = new QuietLevel();

    private QuietLevel() {}
}
