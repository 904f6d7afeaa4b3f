// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessibleObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Looks, from what an application has overridden, for classes of the guard below it that lead anywhere. */
final class Onlooker {

    private static final StackWalker STACK = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);
    private static final ClassLoader APPLICATION = Onlooker.class.getClassLoader();
    private static final Set<String> LEAKS = ConcurrentHashMap.newKeySet();
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
    private static final ThreadLocal<Boolean> LOOKING = new ThreadLocal<>();

    private Onlooker() {}

    /** What an override does: asks who has called it, and opens what it can. */
    static void look(String override) {
        if (LOOKING.get() != null) {
            return;
        }
        LOOKING.set(true);
        try {
            List<Class<?>> callers = STACK.walk(frames ->
                    frames.<Class<?>>map(StackFrame::getDeclaringClass).toList());
            for (Class<?> caller : callers) {
                if (isOfGuard(caller)) {
                    SEEN.add(override);
                    open(override, caller);
                }
            }
        } finally {
            LOOKING.remove();
        }
    }

    /** Its own classes and its libraries, whichever loader and module they are in. */
    private static boolean isOfGuard(Class<?> type) {
        if (type.getClassLoader() == APPLICATION) {
            return false;
        }
        return type.getName().startsWith("io.cloacina.guard.")
                || type.getClassLoader() != null
                        && type.getClassLoader().getClass().getName().startsWith("io.cloacina.guard.agent.bootstrap.");
    }

    private static void open(String override, Class<?> caller) {
        List<AccessibleObject> members = new ArrayList<>(List.of(caller.getDeclaredFields()));
        members.addAll(List.of(caller.getDeclaredMethods()));
        members.addAll(List.of(caller.getDeclaredConstructors()));
        for (AccessibleObject member : members) {
            if (member.trySetAccessible()) {
                LEAKS.add(override + " opens " + member);
            }
        }
        try {
            MethodHandles.privateLookupIn(caller, MethodHandles.lookup());
            LEAKS.add(override + " looks into " + caller);
        } catch (IllegalAccessException e) {
            // As it must be.
        }
        try (InputStream in = caller.getResourceAsStream(caller.getSimpleName() + ".class")) {
            if (in != null) {
                LEAKS.add(override + " reads the resources of " + caller);
            }
        } catch (IOException e) {
            LEAKS.add(override + " is given a resource of " + caller + ": " + e);
        }
    }

    /** Whether it would find anything at all: a class of the application is open to itself. Forgets what that was. */
    static boolean findsOpenClasses() {
        open("control", Onlooker.class);
        boolean found = !LEAKS.isEmpty();
        LEAKS.clear();
        return found;
    }

    /** Whether {@code override} was ever called with the guard below it. */
    static boolean hasSeenGuard(String override) {
        return SEEN.contains(override);
    }

    /** Prints what leads into the guard, and at last how many things do. */
    static void report() {
        for (String leak : new TreeSet<>(LEAKS)) {
            System.out.println("LEAK " + leak);
        }
        System.out.println("leaks " + LEAKS.size());
    }
}
