// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import static net.bytebuddy.matcher.ElementMatchers.is;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/** From now on no thread can be started whose name matches the system property {@value #PROPERTY}: as if there were too many. */
public final class NoThreadsAgent {

    static final String PROPERTY = "no.threads";

    private NoThreadsAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
        new AgentBuilder.Default()
                .ignore(none())
                .disableClassFormatChanges()
                .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                .type(is(Thread.class))
                .transform((builder, type, loader, module, domain) ->
                        builder.visit(Advice.to(Start.class).on(named("start").and(takesArguments(0)))))
                .installOn(instrumentation);
    }

    /** Is copied into {@code Thread.start}. */
    static final class Start {
        private Start() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.This Thread thread) {
            if (thread.getName().matches(System.getProperty("no.threads"))) {
                throw new OutOfMemoryError("unable to create native thread: possibly out of memory");
            }
        }
    }
}
