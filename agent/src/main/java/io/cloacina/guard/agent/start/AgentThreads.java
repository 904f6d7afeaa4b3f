// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.start;

import io.cloacina.guard.agent.bootstrap.GuardThread;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.internal.process.GuardThreads;

/** Threads inside an application: known by their class; and a way to interrupt one without a call to the application. */
final class AgentThreads implements GuardThreads.Factory {

    @Override
    public Thread create(Runnable task, String name, long stackSizeBytes) {
        return new GuardThread(task, name, stackSizeBytes);
    }

    @Override
    public void restoreInterrupt() {
        Thread current = Thread.currentThread();
        if (current.getClass().getClassLoader() == null) {
            current.interrupt();
        } else {
            JdkInternals.interruptAsThread(current);
        }
    }
}
