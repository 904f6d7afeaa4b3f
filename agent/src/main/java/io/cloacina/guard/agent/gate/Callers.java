package io.cloacina.guard.agent.gate;

import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Who is behind a class that is defined without a file: the JDK's own generators of lambdas and proxies, or anyone else;
 * and who is behind an archive that is opened.
 *
 * <p>No lambdas here: on Java 17 each of them is itself such a class.
 */
final class Callers {

    private static final ClassLoader OWN = Callers.class.getClassLoader();
    private static final StackWalker STACK = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    /** What defines classes for others, and so is not itself the one that is looked for. */
    private static final String[] DEFINERS = {
        "java.lang.ClassLoader",
        "java.lang.System$",
        "java.lang.invoke.MethodHandles$Lookup",
        "jdk.internal.misc.Unsafe",
        "jdk.internal.reflect.ClassDefiner",
        "sun.instrument.",
        "java.lang.instrument.",
        "io.cloacina.guard.agent.bootstrap."
    };

    /**
     * The generators that define classes without passing woven methods or with JDK code as their caller. Named one by
     * one: of many other JDK methods an application can choose what they call.
     */
    private static final String[] GENERATORS = {
        "java.lang.invoke.InnerClassLambdaMetafactory",
        "java.lang.invoke.InvokerBytecodeGenerator",
        "java.lang.invoke.ClassSpecializer",
        "java.lang.invoke.StringConcatFactory",
        "java.lang.invoke.LambdaProxyClassArchive",
        "java.lang.reflect.Proxy",
        "jdk.internal.reflect.",
        "jdk.internal.foreign."
    };

    /**
     * Defines what the flight recorder writes its events with, in a package of its own: on 25 by itself, on 17 by an
     * anonymous class. Another class in it calls listeners of the application.
     */
    private static final String FLIGHT_RECORDER = "jdk.jfr.internal.SecuritySupport";

    /** Only itself: on Java 17 its inner class calls whatever method handle an application has given it. */
    private static final String PROXIES = "java.lang.invoke.MethodHandleProxies";

    /** What opens archives for others. */
    private static final String[] OPENERS = {"java.util.zip.", "java.util.jar.", "io.cloacina.guard.agent.bootstrap."};

    private static final String JAR_CONNECTIONS = "sun.net.www.protocol.jar.";

    private static final Function<Stream<StackFrame>, Class<?>> FIRST_OTHER = new FirstOther(DEFINERS);

    private Callers() {}

    /** Who is behind the method or event that asks; null if there is no Java code. */
    static Class<?> behind() {
        return STACK.walk(FIRST_OTHER);
    }

    /** Whether the archive that is being opened is one of a {@code jar:} connection. */
    static boolean isJarConnection() {
        Class<?> opener = STACK.walk(new FirstOther(OPENERS));
        return opener != null
                && opener.getClassLoader() == null
                && opener.getName().startsWith(JAR_CONNECTIONS);
    }

    /** Whether {@code caller} is one of the JDK's own generators. */
    static boolean isJdkGenerator(Class<?> caller) {
        return caller.getClassLoader() == null
                && caller.getModule().isNamed()
                && (startsWith(caller.getName(), GENERATORS)
                        || caller.getName().equals(PROXIES)
                        || isFlightRecorder(caller.getName()));
    }

    private static boolean isFlightRecorder(String name) {
        int end = FLIGHT_RECORDER.length();
        return name.startsWith(FLIGHT_RECORDER)
                && (name.length() == end
                        || name.charAt(end) == '$'
                                && name.length() > end + 1
                                && Character.isDigit(name.charAt(end + 1)));
    }

    private static boolean startsWith(String name, String[] prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private static final class FirstOther implements Function<Stream<StackFrame>, Class<?>> {
        private final String[] skipped;

        FirstOther(String[] skipped) {
            this.skipped = skipped;
        }

        @Override
        public Class<?> apply(Stream<StackFrame> frames) {
            boolean outside = false;
            for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
                Class<?> one = all.next().getDeclaringClass();
                boolean guard = one.getClassLoader() == OWN;
                boolean skip = one.getClassLoader() == null && startsWith(one.getName(), skipped);
                if (!guard) {
                    outside = true;
                }
                // Frames of the guard are skipped at the top only: behind a JDK method it may be the caller itself.
                if (skip || guard && !outside) {
                    continue;
                }
                return one;
            }
            return null;
        }
    }
}
