// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

/**
 * Stand-in for {@code jdk.internal.vm.Continuation}, which the compiler of Java 17 does not have. The build has
 * {@link KeptCarrier} call the real one; this class is not in the agent jar.
 */
@SuppressWarnings("DoNotCallSuggester") // what is called is the real one
final class Continuation {

    private Continuation() {}

    static void pin() {
        throw new IllegalStateException("the build did not replace this");
    }

    static void unpin() {
        throw new IllegalStateException("the build did not replace this");
    }
}
