package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.TreeSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** One package being read, here or on a thread beside. Several are read at once, on as many processors as there are. */
final class Hashing {

    /** More readers than this wait for the disk, not for a processor. */
    private static final int MOST_THREADS = 8;

    private final Path path;
    private final FutureTask<PackageHash> task;

    Hashing(Path path, boolean tree) {
        this.path = path;
        this.task = new FutureTask<>(new Reading(path, tree));
    }

    private record Reading(Path path, boolean tree) implements Callable<PackageHash> {
        @Override
        public PackageHash call() throws UnreadablePackageException {
            return tree ? TreeSnapshot.hash(path) : PackageSnapshot.hash(path);
        }
    }

    /** Begins to read all of them, if there are several; the first ones first. */
    static void beginAll(List<Hashing> all) {
        int helpers = Math.min(Math.min(all.size(), Runtime.getRuntime().availableProcessors()), MOST_THREADS) - 1;
        AtomicInteger next = new AtomicInteger();
        for (int i = 0; i < helpers; i++) {
            Thread thread = new Thread(
                    () -> {
                        for (int at = next.getAndIncrement(); at < all.size(); at = next.getAndIncrement()) {
                            all.get(at).task.run();
                        }
                    },
                    "cloacina-hash");
            thread.setDaemon(true);
            thread.start();
        }
    }

    Path path() {
        return path;
    }

    /** Reads it, or waits until it was read. */
    PackageHash hash() throws UnreadablePackageException {
        // Does nothing if a helper has begun.
        task.run();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof UnreadablePackageException unreadable) {
                        throw unreadable;
                    }
                    throw new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
