// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.time.Duration;

/** Waits that another thread can end for good. Safe for use by many threads. */
final class Pause {

    private boolean ended;

    /** Returns after {@code limit}, at once if this was ended, or sooner if the thread is interrupted. */
    synchronized void await(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            for (long rest = limit.toNanos(); !ended && rest > 0; rest = end - System.nanoTime()) {
                wait(rest / 1_000_000, (int) (rest % 1_000_000));
            }
        } catch (InterruptedException e) {
            // An interrupt from outside shortens one wait, and no more.
            return;
        }
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }
}
