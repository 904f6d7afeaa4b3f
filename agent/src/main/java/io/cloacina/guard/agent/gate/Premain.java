// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;

/** Whether an agent of the command line is being started on the current thread: what it appends then belongs to it. */
final class Premain implements Function<Stream<StackFrame>, Boolean> {

    private static final String STARTER = "sun.instrument.InstrumentationImpl";
    private static final String START = "loadClassAndCallPremain";

    private static final StackWalker STACK = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);

    private Premain() {}

    static boolean isRunning() {
        return STACK.walk(new Premain());
    }

    @Override
    public Boolean apply(Stream<StackFrame> frames) {
        for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
            StackFrame frame = all.next();
            if (frame.getMethodName().equals(START)
                    && frame.getDeclaringClass().getClassLoader() == null
                    && frame.getDeclaringClass().getName().equals(STARTER)) {
                return true;
            }
        }
        return false;
    }
}
