// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class GuardThreadsTest {

    @Test
    void create_onAnyThread_inheritsNothing() throws Exception {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        local.set("the caller's");
        AtomicReference<String> seen = new AtomicReference<>("nothing ran");

        Thread thread = GuardThreads.create(() -> seen.set(local.get()), "guard-test", 0);
        assertEquals("guard-test", thread.getName());
        assertTrue(thread.isDaemon());
        assertEquals(Thread.NORM_PRIORITY, thread.getPriority());
        assertSame(ClassLoader.getPlatformClassLoader(), thread.getContextClassLoader());
        assertNull(thread.getThreadGroup().getParent());
        thread.start();
        thread.join();

        assertNull(seen.get());
    }

    @Test
    void restoreInterrupt_leavesTheCurrentThreadInterrupted() {
        GuardThreads.restoreInterrupt();

        assertTrue(Thread.interrupted());
    }
}
