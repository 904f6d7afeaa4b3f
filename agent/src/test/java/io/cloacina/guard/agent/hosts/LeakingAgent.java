// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.instrument.Instrumentation;

/** An agent that hands its instrumentation to any caller. */
public final class LeakingAgent {

    static volatile Instrumentation instrumentation;

    private LeakingAgent() {}

    public static void premain(String arguments, Instrumentation given) {
        instrumentation = given;
    }

    public static void agentmain(String arguments, Instrumentation given) throws Exception {
        java.nio.file.Files.writeString(java.nio.file.Path.of(arguments), "attached");
    }
}
