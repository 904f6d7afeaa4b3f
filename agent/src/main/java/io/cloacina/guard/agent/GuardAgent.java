package io.cloacina.guard.agent;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;

/**
 * Where the JVM enters the agent jar: {@code -javaagent:cloacina-guard.jar} and {@code java -jar cloacina-guard.jar}.
 */
public final class GuardAgent {

    /** EX_CONFIG of BSD's sysexits: the guard could not be set up as it was meant to be. */
    private static final int CONFIGURATION_ERROR = 78;

    private GuardAgent() {}

    /**
     * Sets the guard up before {@code main}. If that is not possible, one line says why, and the JVM ends with status
     * 78: an exception would end it with a core dump, and going on would leave it unguarded.
     *
     * @param arguments none are known: everything is set by {@code cloacina.*} properties
     */
    @AllowedCall("the only place where the guard ends a JVM")
    public static void premain(String arguments, Instrumentation instrumentation) {
        try {
            if (arguments != null && !arguments.isEmpty()) {
                throw new IllegalArgumentException("the agent takes no arguments, not [" + arguments
                        + "]; set system properties such as -Dcloacina.require_signatures=true");
            }
            new GuardClassLoader(ownJar())
                    .loadClass("io.cloacina.guard.agent.weave.Boot")
                    .getMethod("start", Instrumentation.class)
                    .invoke(null, instrumentation);
        } catch (Throwable e) {
            System.err.println("cloacina-guard: " + line(e) + "; the JVM is stopped (status 78)");
            System.err.flush();
            Runtime.getRuntime().halt(CONFIGURATION_ERROR);
        }
    }

    /** Runs the command-line interface. */
    public static void main(String[] arguments) throws Throwable {
        try {
            new GuardClassLoader(ownJar())
                    .loadClass("io.cloacina.guard.cli.Cloacina")
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
        return String.valueOf(text).replaceAll("\\p{Cntrl}+", " ");
    }

    /** Marks a method that may use what the list of banned calls forbids. */
    @interface AllowedCall {
        /** Why. */
        String value();
    }
}
