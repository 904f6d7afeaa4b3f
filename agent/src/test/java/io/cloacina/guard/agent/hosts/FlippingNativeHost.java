// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loads a native library from one path after the other, while another thread exchanges whatever is to be loaded next for
 * an evil one and back.
 */
public final class FlippingNativeHost {

    private FlippingNativeHost() {}

    /** {@code GOOD EVIL FOLDER LOADS}; GOOD is signed. */
    public static void main(String[] arguments) throws Exception {
        Path good = Path.of(arguments[0]);
        Path evil = Path.of(arguments[1]);
        Path folder = Path.of(arguments[2]);
        int loads = Integer.parseInt(arguments[3]);
        for (int i = 0; i <= loads; i++) {
            Path library = folder.resolve("lib" + i + ".so");
            Files.copy(good, library);
            Files.copy(good.resolveSibling(good.getFileName() + ".sig"), folder.resolve("lib" + i + ".so.sig"));
        }
        AtomicInteger next = new AtomicInteger();
        AtomicInteger exchanged = new AtomicInteger(-1);
        Thread flipper = new Thread(() -> {
            try {
                Path beside = folder.resolve("beside");
                for (int flip = 0; next.get() < loads; flip++) {
                    int number = next.get();
                    Path library = folder.resolve("lib" + number + ".so");
                    Path source = flip % 2 == 0 ? evil : good;
                    if (flip % 3 == 0) {
                        // In place would change a library that is mapped already, where nothing guards it.
                        Files.deleteIfExists(library);
                        Files.createSymbolicLink(library, source);
                    } else {
                        Files.copy(source, beside);
                        Files.move(beside, library, StandardCopyOption.ATOMIC_MOVE);
                    }
                    exchanged.set(number);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        flipper.start();
        int loaded = 0;
        for (; next.get() < loads; next.incrementAndGet()) {
            while (exchanged.get() != next.get() && flipper.isAlive()) {
                Thread.onSpinWait();
            }
            String path = folder.resolve("lib" + next.get() + ".so").toString();
            if (load(path).equals("LOADED")) {
                loaded++;
            }
        }
        flipper.join();
        System.out.println("loaded " + loaded + " of " + loads);
        System.out.println(load(folder.resolve("lib" + loads + ".so").toString()));
    }

    private static String load(String path) {
        return Outcome.of(() -> {
            System.load(path);
            return path;
        });
    }
}
