// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Loads a plugin while the process has address space left for other things, but not for the stack of a thread, and again when
 * it has.
 */
public final class ExhaustingHost {

    private static final int BLOCK_BYTES = 16 << 20;

    /** What the JVM may need meanwhile, and less than a stack. */
    private static final int BLOCKS_LEFT = 6;

    private ExhaustingHost() {}

    private static final CountDownLatch RELEASE = new CountDownLatch(1);
    private static final List<Thread> FILLERS = new ArrayList<>();
    private static final List<ByteBuffer> BLOCKS = new ArrayList<>();

    /** {@code JAR CLASS EVENTS STACK_MEGABYTES}, where all threads have stacks of that size by default. */
    public static void main(String[] arguments) throws Exception {
        Path events = Path.of(arguments[2]);
        while (!Files.exists(events) || Files.size(events) == 0) {
            Thread.onSpinWait();
        }
        exhaust(Long.parseLong(arguments[3]));
        load(arguments[0], arguments[1]);
        for (ByteBuffer block : BLOCKS) {
            free(block);
        }
        RELEASE.countDown();
        for (Thread filler : FILLERS) {
            filler.join();
        }
        load(arguments[0], arguments[1]);
    }

    private static void exhaust(long stackMegabytes) throws Exception {
        try {
            while (true) {
                Thread filler = new Thread(null, ExhaustingHost::await, "filler", stackMegabytes << 20);
                filler.setDaemon(true);
                filler.start();
                FILLERS.add(filler);
            }
        } catch (OutOfMemoryError e) {
            System.out.println("NO THREADS");
        }
        try {
            while (true) {
                BLOCKS.add(ByteBuffer.allocateDirect(BLOCK_BYTES));
            }
        } catch (OutOfMemoryError e) {
            for (int i = 0; i < BLOCKS_LEFT; i++) {
                free(BLOCKS.remove(BLOCKS.size() - 1));
            }
        }
    }

    private static void await() {
        try {
            RELEASE.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void free(ByteBuffer block) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        type.getMethod("invokeCleaner", ByteBuffer.class).invoke(field.get(null), block);
    }

    private static void load(String jar, String className) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {Path.of(jar).toUri().toURL()}, null)) {
            Class.forName(className, true, loader);
            System.out.println("LOADED");
        } catch (ClassNotFoundException e) {
            System.out.println("REFUSED");
        }
    }
}
