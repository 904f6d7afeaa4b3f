// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import org.jspecify.annotations.Nullable;

/** One event on its way into a sink, in the queue of its {@link SinkWriter}. */
final class SinkEntry {
    static final int WAITING = 0;
    static final int WRITING = 1;
    static final int DONE = 2;
    static final int WITHDRAWN = 3;

    final EncodedEvent event;
    private int state = WAITING;

    // These four under the lock of the writer.
    boolean settled;

    boolean givenUp;

    @Nullable
    String failure;

    @Nullable
    SinkEntry next;

    SinkEntry(EncodedEvent event) {
        this.event = event;
    }

    static SinkEntry failed(EncodedEvent event, String why) {
        SinkEntry entry = new SinkEntry(event);
        entry.state = DONE;
        entry.settled = true;
        entry.failure = why;
        return entry;
    }

    /** The state in which it was. */
    synchronized int begin() {
        int before = state;
        if (before == WAITING) {
            state = WRITING;
        }
        return before;
    }

    synchronized void withdraw() {
        if (state == WAITING) {
            state = WITHDRAWN;
        }
    }

    synchronized void end() {
        state = DONE;
        notifyAll();
    }

    /** Whether it is done, after a wait of at most {@code nanos}. */
    @SuppressWarnings("WaitNotInLoop") // the caller asks again until its time is over
    synchronized boolean awaitFor(long nanos) throws InterruptedException {
        if (state != DONE && nanos > 0) {
            wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
        return state == DONE;
    }
}
