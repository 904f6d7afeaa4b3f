// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.Callable;

/** Tells in one line what became of a load. */
public final class Outcome {

    private static final String REFUSED = "io.cloacina.guard.agent.api.PackageRefusedException";

    private Outcome() {}

    /** Prints {@code NAME LOADED}, {@code NAME REFUSED REASON} if the guard gave one, or {@code NAME FAILED …}. */
    public static void print(String name, Callable<?> load) {
        System.out.println(name + " " + of(load));
    }

    /** The same without the name. */
    public static String of(Callable<?> load) {
        try {
            load.call();
            return "LOADED";
        } catch (Throwable e) {
            String reason = reason(e);
            return reason == null ? "FAILED " + e : "REFUSED " + reason;
        }
    }

    /** All that the guard says with {@code thrown}, or what any other exception says. */
    static String detail(Throwable thrown) {
        if (!thrown.getClass().getName().equals(REFUSED)) {
            return thrown.getMessage();
        }
        try {
            return (String) thrown.getClass().getMethod("detail").invoke(thrown);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the guard says in {@code thrown}, its causes, or what they have suppressed; null if nothing. */
    public static String reason(Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>();
        open.add(thrown);
        while (!open.isEmpty()) {
            Throwable next = open.remove();
            if (!seen.add(next)) {
                continue;
            }
            // By name: without a guard there is no such class.
            if (next.getClass().getName().equals(REFUSED)) {
                return detail(next).replace('\n', ' ');
            }
            if (next.getCause() != null) {
                open.add(next.getCause());
            }
            Collections.addAll(open, next.getSuppressed());
        }
        return null;
    }
}
