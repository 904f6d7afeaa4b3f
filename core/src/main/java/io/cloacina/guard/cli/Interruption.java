// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.process.GuardThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets work in parts end between two of them when the process is told to stop (SIGINT, SIGTERM). */
final class Interruption implements AutoCloseable {

    private static final int LONGEST_WAIT_SECONDS = 10;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = GuardThreads.create(this::stop, "cloacina-interrupted", 0);
    private volatile boolean asked;

    private Interruption() {}

    static Interruption begin() {
        Interruption interruption = new Interruption();
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException e) {
            // The process ends already.
            interruption.asked = true;
        }
        return interruption;
    }

    private void stop() {
        asked = true;
        try {
            ended.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // Then the process ends without waiting.
            GuardThreads.restoreInterrupt();
        }
    }

    boolean isAsked() {
        return asked;
    }

    /** As a signal would. */
    void ask() {
        asked = true;
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs, and has what it waited for.
            return;
        }
    }
}
