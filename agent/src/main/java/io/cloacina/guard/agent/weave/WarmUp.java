package io.cloacina.guard.agent.weave;

import io.cloacina.guard.Guard;

/** What takes time and waits for nothing, on a second core beside the weaving: proves that signatures can be checked. */
final class WarmUp {

    private final Thread thread;
    private volatile Throwable failure;

    private WarmUp() {
        // No inherited thread-locals, and no loader that leads back to the guard for whoever lists threads.
        this.thread = new Thread(null, this::run, "cloacina-guard-warm-up", 0, false);
        this.thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        this.thread.setDaemon(true);
    }

    static WarmUp start() {
        WarmUp warmUp = new WarmUp();
        warmUp.thread.start();
        return warmUp;
    }

    private void run() {
        try {
            Guard.proveCrypto();
        } catch (RuntimeException | LinkageError e) {
            failure = e;
        }
    }

    /** @throws IllegalStateException if signatures cannot be checked in this JVM */
    void await() throws InterruptedException {
        thread.join();
        if (failure != null) {
            throw new IllegalStateException("signatures cannot be checked in this JVM: " + failure, failure);
        }
    }
}
