// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Says in one line why a plugin did not load. */
final class Failure {

    private Failure() {}

    /**
     * {@code refused} and the reason when someone forbade it, which in Java is a {@link SecurityException} wherever it
     * stands among the causes and suppressed exceptions; {@code broken} and the failure itself otherwise.
     */
    static String describe(Throwable failure) {
        Deque<Throwable> waiting = new ArrayDeque<>(List.of(failure));
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        while (!waiting.isEmpty()) {
            Throwable next = waiting.remove();
            if (!seen.add(next)) {
                continue;
            }
            if (next instanceof SecurityException refusal) {
                // What is not for strangers to read stands beside the message, which a host may show to them.
                Throwable[] details = refusal.getSuppressed();
                return "refused  " + oneLine((details.length == 0 ? refusal : details[0]).getMessage());
            }
            if (next.getCause() != null) {
                waiting.add(next.getCause());
            }
            waiting.addAll(List.of(next.getSuppressed()));
        }
        return "broken   " + oneLine(failure.toString());
    }

    private static String oneLine(String text) {
        return text == null ? "no reason given" : text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
    }
}
