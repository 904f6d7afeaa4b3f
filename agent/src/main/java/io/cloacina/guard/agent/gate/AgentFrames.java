// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Whether an agent of the command line does what a hook asks about: it is the first on the stack but for the JDK's
 * methods that do it for others, and those by which it may have called them; or it is being started, then all is its
 * doing.
 *
 * <p>An agent further down does not count. Those that wrap tasks have the code of the whole application above them.
 */
final class AgentFrames implements Function<Stream<StackFrame>, Boolean> {

    private static final String STARTER = "sun.instrument.InstrumentationImpl";
    private static final String START = "loadClassAndCallPremain";

    /**
     * Reflection and method handles: they call what they were made for, for any caller. What makes an object of an
     * application's out of them ({@code Proxy}, {@code MethodHandleProxies}) leaves other frames beside these. Byte
     * Buddy puts a class of its own into {@code java.base} for the same purpose.
     */
    private static final String[] CALLS = {
        "java.lang.ClassLoader$ByteBuddyAccessor$",
        "java.lang.invoke.DelegatingMethodHandle$",
        "java.lang.invoke.DirectMethodHandle$",
        "java.lang.invoke.Invokers$",
        "java.lang.invoke.LambdaForm$",
        "jdk.internal.reflect."
    };

    /**
     * The same, by their whole names; and what the JVM calls for
     * {@code Instrumentation.appendToSystemClassLoaderSearch}.
     */
    private static final String[] CALLERS = {
        "java.lang.invoke.MethodHandle",
        "java.lang.reflect.Method",
        "java.security.AccessController",
        "jdk.internal.loader.ClassLoaders$AppClassLoader"
    };

    /**
     * Java 17 and 21: a method that is called by reflection again and again is called by a generated class of this
     * loader.
     */
    private static final String ACCESSORS = "jdk.internal.reflect.DelegatingClassLoader";

    /** Its hidden classes are the JDK's lambdas, and what agents use to reach what it does not export. */
    private static final Module JAVA_BASE = Object.class.getModule();

    private static final StackWalker STACK =
            StackWalker.getInstance(Set.of(Option.RETAIN_CLASS_REFERENCE, Option.SHOW_HIDDEN_FRAMES));

    private final StartAgents agents;

    AgentFrames(StartAgents agents) {
        this.agents = agents;
    }

    boolean areBehind() {
        return STACK.walk(this);
    }

    @Override
    public Boolean apply(Stream<StackFrame> frames) {
        boolean found = false;
        for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
            StackFrame frame = all.next();
            Class<?> one = frame.getDeclaringClass();
            if (!found && one.getClassLoader() != OwnClasses.LOADER && !isBetween(one)) {
                found = true;
                if (agents.isTheirs(one)) {
                    return true;
                }
            }
            if (frame.getMethodName().equals(START)
                    && one.getClassLoader() == null
                    && one.getName().equals(STARTER)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBetween(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        if (loader != null) {
            return loader.getClass().getClassLoader() == null
                    && loader.getClass().getName().equals(ACCESSORS);
        }
        return Callers.isDefiner(type)
                || Callers.isOfJdk(type)
                        && (Callers.isAny(type.getName(), CALLERS, true)
                                || Callers.isAny(type.getName(), CALLS, false)
                                || type.isHidden() && type.getModule() == JAVA_BASE);
    }
}
