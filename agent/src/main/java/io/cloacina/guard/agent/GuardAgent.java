package io.cloacina.guard.agent;

import java.io.File;
import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Where the JVM enters the agent jar: {@code -javaagent:cloacina-guard.jar} and {@code java -jar cloacina-guard.jar}.
 */
public final class GuardAgent {

    /** EX_CONFIG of BSD's sysexits: the guard could not be set up as it was meant to be. */
    private static final int CONFIGURATION_ERROR = 78;

    private static final String BOOT = "io.cloacina.guard.agent.weave.Boot";

    private static final long LAST_WORDS_MILLIS = 5_000;

    /** The only argument of the agent, for the command {@code prepare}; a folder follows. */
    private static final String PREPARE = "prepare:";

    /** The only other argument, for {@code doctor}: every hook is proved before {@code main} begins, not beside it. */
    private static final String PROVE = "prove";

    private GuardAgent() {}

    /**
     * Sets the guard up before {@code main}. If that is not possible, one line says why, and the JVM ends with status
     * 78: an exception would end it with a core dump, and going on would leave it unguarded.
     *
     * @param arguments none but {@code prepare:FOLDER} and {@code prove}: everything is set by {@code cloacina.*} properties
     */
    @AllowedCall("the only place where the guard ends a JVM")
    public static void premain(String arguments, Instrumentation instrumentation) {
        try {
            if (arguments != null && arguments.startsWith(PREPARE)) {
                new GuardClassLoader(ownJar())
                        .loadClass(BOOT)
                        .getMethod("prepare", Instrumentation.class, String.class)
                        .invoke(null, instrumentation, arguments.substring(PREPARE.length()));
                // Nothing is guarded here, so nothing may run here.
                Runtime.getRuntime().halt(0);
            }
            boolean prove = PROVE.equals(arguments);
            if (arguments != null && !arguments.isEmpty() && !prove) {
                throw new IllegalArgumentException("the agent takes no arguments, not [" + arguments
                        + "]; set system properties such as -Dcloacina.require_signatures=true");
            }
            @SuppressWarnings("unchecked")
            BiConsumer<Instrumentation, Consumer<Throwable>> boot =
                    (BiConsumer<Instrumentation, Consumer<Throwable>>) new GuardClassLoader(ownJar())
                            .loadClass(prove ? BOOT + "$Proving" : BOOT)
                            .getDeclaredConstructor()
                            .newInstance();
            boot.accept(instrumentation, new Stop());
        } catch (Throwable e) {
            new Stop().accept(e);
        }
    }

    /** Ends the JVM with one line. */
    private static final class Stop implements Consumer<Throwable> {
        @Override
        @AllowedCall("the only place where the guard ends a JVM")
        public void accept(Throwable reason) {
            say("cloacina-guard: " + line(reason) + "; the JVM is stopped (status 78)");
            Runtime.getRuntime().halt(CONFIGURATION_ERROR);
        }
    }

    /** Standard error may be a full pipe that nobody reads; the JVM ends all the same. */
    private static void say(String line) {
        Thread speaker = new Thread(null, new LastWords(line), "cloacina-guard-last-words", 0, false);
        speaker.setDaemon(true);
        speaker.start();
        try {
            speaker.join(LAST_WORDS_MILLIS);
        } catch (InterruptedException e) {
            // The JVM ends now anyway.
            Thread.currentThread().interrupt();
        }
    }

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

    /** Runs the command-line interface; {@code prepare [JAVA_HOME…]} is the agent's own. */
    @AllowedCall("the main method of a command-line program")
    public static void main(String[] arguments) throws Throwable {
        GuardClassLoader loader = new GuardClassLoader(ownJar());
        try {
            if (arguments.length > 0 && arguments[0].equals("prepare")) {
                System.exit((int) loader.loadClass("io.cloacina.guard.agent.weave.Prepare")
                        .getMethod("run", Path.class, List.class, PrintStream.class, PrintStream.class)
                        .invoke(
                                null,
                                ownJar().toPath(),
                                List.of(arguments).subList(1, arguments.length),
                                System.out,
                                System.err));
            }
            loader.loadClass("io.cloacina.guard.cli.Cloacina")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static File ownJar() throws URISyntaxException {
        return new File(GuardAgent.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static String line(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof InvocationTargetException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        // A configuration mistake has a message of its own; anything else also needs its type.
        String text = cause instanceof IllegalArgumentException
                        || cause.getClass().getSimpleName().equals("ConfigException")
                ? cause.getMessage()
                : "cannot start: " + cause;
        return String.valueOf(text).replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+", " ");
    }

    /** Marks a method that may use what the list of banned calls forbids. */
    @interface AllowedCall {
        /** Why. */
        String value();
    }
}
