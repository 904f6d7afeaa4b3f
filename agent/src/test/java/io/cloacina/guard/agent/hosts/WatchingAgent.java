// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;

/** An agent with one class transformer that does nothing: what it takes of the JVM to show an agent each class. */
public final class WatchingAgent {

    private WatchingAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
        instrumentation.addTransformer(new Nothing(), true);
    }

    private static final class Nothing implements ClassFileTransformer {}
}
