// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.process.GuardThreads;
import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of what one thread reads and writes, computed beside it: the copy of a large package takes about as long as its
 * hash, and a class loader waits for both. The buffers that are hashed are the ones that are written.
 *
 * <p>For the thread that has begun it. That may be one of the application's, under its locks: an interrupt does not end a
 * wait, and is there again after it.
 */
final class SideHash implements AutoCloseable {

    /** Smaller ones are hashed before a thread has started. */
    static final long WORTHWHILE_BYTES = 1L << 20;

    private static final int BUFFERS = 8;
    private static final int BUFFER_SIZE_BYTES = 64 * 1024;

    /** How long to wait before it is looked after that the hashing thread still lives: an application could stop it. */
    private static final long PATIENCE_MILLIS = 1000;

    private final Thread thread = GuardThreads.create(new Hashing(), "cloacina-guard-hash", 0);
    private final byte[][] buffers = new byte[BUFFERS][];
    private final int[] lengths = new int[BUFFERS];
    private int next;
    private boolean interrupted;

    // Guarded by this object.
    private long filled;
    private long hashed;
    private boolean complete;
    private boolean abandoned;
    private @Nullable PackageHash result;
    private @Nullable Throwable failure;

    private SideHash() {}

    /** @return null where nothing can be computed beside the current thread */
    static @Nullable SideHash begin(long sizeBytes) {
        if (sizeBytes < WORTHWHILE_BYTES || Runtime.getRuntime().availableProcessors() == 1) {
            return null;
        }
        SideHash made = new SideHash();
        try {
            made.thread.start();
            return made;
        } catch (OutOfMemoryError e) {
            // That is how a JVM says that the system gives it no more threads.
            return null;
        }
    }

    /** A buffer that nothing is to be hashed from any more; {@link #filled} follows. */
    byte[] buffer() throws IOException {
        synchronized (this) {
            if (filled - hashed == BUFFERS) {
                // To be woken up for each buffer takes as long as to hash it.
                while (filled - hashed > BUFFERS / 2) {
                    await();
                }
            }
        }
        byte[] free = buffers[next];
        if (free == null) {
            free = new byte[BUFFER_SIZE_BYTES];
            buffers[next] = free;
        }
        return free;
    }

    /** The first {@code length} bytes of the buffer are hashed; they stay as they are until it is free again. */
    void filled(int length) {
        lengths[next] = length;
        next = (next + 1) % BUFFERS;
        synchronized (this) {
            filled++;
            if (filled - hashed == 1) {
                notifyAll();
            }
        }
    }

    /** The hash of all that was filled in. */
    synchronized PackageHash end() throws IOException {
        complete = true;
        notifyAll();
        while (result == null) {
            await();
        }
        return result;
    }

    // The caller holds this object's lock, and asks again in a loop.
    @SuppressWarnings("WaitNotInLoop")
    private void await() throws IOException {
        if (failure != null || !thread.isAlive()) {
            throw new IOException("the thread that hashes it has ended", failure);
        }
        try {
            wait(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
    }

    /** Ends the thread, if it goes on; nothing waits for that. */
    @Override
    public void close() {
        synchronized (this) {
            abandoned = true;
            notifyAll();
        }
        if (interrupted) {
            GuardThreads.restoreInterrupt();
        }
    }

    private synchronized boolean awaitFilled() {
        while (filled == hashed && !complete && !abandoned) {
            try {
                wait();
            } catch (InterruptedException e) {
                // An application interrupts all threads that it sees. This one ends with what it hashes.
            }
        }
        return filled > hashed && !abandoned;
    }

    private synchronized void hashed() {
        hashed++;
        if (filled - hashed == BUFFERS / 2) {
            notifyAll();
        }
    }

    private synchronized void ended(PackageHash hash) {
        result = hash;
        notifyAll();
    }

    private synchronized void failed(Throwable thrown) {
        failure = thrown;
        notifyAll();
    }

    private final class Hashing implements Runnable {
        @Override
        public void run() {
            try {
                MessageDigest digest = Sha256.digest();
                for (int i = 0; awaitFilled(); i = (i + 1) % BUFFERS) {
                    digest.update(buffers[i], 0, lengths[i]);
                    hashed();
                }
                ended(PackageHash.ofDigest(digest.digest()));
            } catch (Throwable e) {
                // Not to the application's handler of what nobody catches.
                failed(e);
            }
        }
    }
}
