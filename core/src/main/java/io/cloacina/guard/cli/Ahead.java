// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.process.GuardThreads;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A piece of work of which there are several, with results that are wanted in order: done where it is asked for, or
 * before that on a thread beside.
 */
final class Ahead<T> {

    private final FutureTask<T> task;

    Ahead(Callable<T> work) {
        this.task = new FutureTask<>(work);
    }

    /** Begins all of them, the first ones first, on {@code threads} threads of which the caller's own is one. */
    static <T> void begin(List<Ahead<T>> all, int threads) {
        AtomicInteger next = new AtomicInteger();
        for (int i = 1; i < Math.min(threads, all.size()); i++) {
            Thread helper = GuardThreads.create(
                    () -> {
                        for (int at = next.getAndIncrement(); at < all.size(); at = next.getAndIncrement()) {
                            all.get(at).task.run();
                        }
                    },
                    "cloacina-ahead",
                    0);
            try {
                helper.start();
            } catch (OutOfMemoryError e) {
                // No memory for a thread: what no helper begins is done where it is asked for.
                return;
            }
        }
    }

    /**
     * Does the work, or waits until it is done.
     *
     * @throws ExecutionException with what the work threw
     */
    T get() throws ExecutionException {
        // Does nothing if a helper has begun.
        task.run();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
        }
    }
}
