package io.cloacina.guard.agent.weave;

import io.cloacina.guard.Guard;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What takes time and waits for nothing, on a second core beside the weaving: proves that signatures can be checked, and
 * rehearses a load that is accepted and one that is refused. That initialises the classes on their way here, with all of
 * a fresh stack: a class whose initialiser fails for want of stack is lost to the JVM for good.
 */
final class WarmUp {

    private final Thread thread;
    private volatile Throwable failure;

    private final Path folder;

    private WarmUp(Path folder) {
        this.folder = folder;
        // No inherited thread-locals, and no loader that leads back to the guard for whoever lists threads.
        this.thread = new Thread(null, this::run, "cloacina-guard-warm-up", 0, false);
        this.thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        this.thread.setDaemon(true);
    }

    /** @param folder where only this process writes */
    static WarmUp start(Path folder) {
        WarmUp warmUp = new WarmUp(folder);
        warmUp.thread.start();
        return warmUp;
    }

    private void run() {
        try {
            Guard.proveCrypto();
            Guard.rehearse(folder);
        } catch (IOException | RuntimeException | LinkageError e) {
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
