// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Loads plugins and drops them, thousands of times, and tells what is left of them. */
public final class ChurnHost {

    private static final int COLLECTIONS = 60;
    private static final int FEW = 20;

    private ChurnHost() {}

    /** {@code FOLDER PINS LOADS WAY…} */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Path pins = Path.of(arguments[1]);
        int loads = Integer.parseInt(arguments[2]);
        for (int i = 3; i < arguments.length; i++) {
            churn(folder, arguments[i], 6, 0);
            int handles = handles();
            long copies = copies(pins);
            int left = churn(folder, arguments[i], loads, 6);
            // Files and copies go some time after their loader, on other threads or with the next load.
            for (int n = 0; n < COLLECTIONS && (handles() - handles >= FEW || copies(pins) - copies >= FEW); n++) {
                System.gc();
                once(folder, arguments[i], 6 + loads + n);
            }
            System.out.println(arguments[i] + ": loaders " + left + " handles " + grown(handles() - handles)
                    + " copies " + grown(copies(pins) - copies));
        }
    }

    // What the last few loads need is not yet swept away; what matters is that it does not grow with their number.
    private static String grown(long difference) {
        return difference < FEW ? "stay" : "grow by " + difference;
    }

    private static int churn(Path folder, String way, int loads, int first) throws Exception {
        List<WeakReference<ClassLoader>> dropped = new ArrayList<>();
        for (int i = first; i < first + loads; i++) {
            dropped.add(new WeakReference<>(once(folder, way, i)));
        }
        int left = loads;
        for (int i = 0; i < COLLECTIONS && left > 0; i++) {
            System.gc();
            left = (int) dropped.stream().filter(loader -> loader.get() != null).count();
        }
        return left;
    }

    private static ClassLoader once(Path folder, String way, int number) throws Exception {
        URL jar = folder.resolve("good.jar").toUri().toURL();
        switch (way) {
            case "closed" -> {
                try (URLClassLoader loader = new URLClassLoader(new URL[] {jar}, null)) {
                    Class.forName("sample.Plugin", true, loader);
                    return loader;
                }
            }
            case "dropped" -> {
                URLClassLoader loader = new URLClassLoader(new URL[] {jar}, null);
                Class.forName("sample.Plugin", true, loader);
                return loader;
            }
            case "folder" -> {
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {folder.resolve("good.jar-classes").toUri().toURL()}, null);
                Class.forName("sample.Plugin", true, loader);
                return loader;
            }
            case "module" -> {
                ModuleLayer boot = ModuleLayer.boot();
                Configuration configuration = boot.configuration()
                        .resolve(ModuleFinder.of(folder.resolve("good.jar")), ModuleFinder.of(), Set.of("good"));
                ClassLoader loader =
                        boot.defineModulesWithOneLoader(configuration, null).findLoader("good");
                Class.forName("sample.Plugin", true, loader);
                return loader;
            }
            case "own" -> {
                ClassLoader loader = new FlippingHost.OwnLoader(folder.resolve("good.jar"));
                Class.forName("sample.Plugin", true, loader);
                return loader;
            }
            case "refused" -> {
                // The plugin itself looks for a class, and so has the bad JAR behind it opened.
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {
                            folder.resolve("curious.jar").toUri().toURL(),
                            folder.resolve("evil.jar").toUri().toURL()
                        },
                        null);
                Class.forName("sample.Curious", true, loader);
                return loader;
            }
            case "native" -> {
                Path library = folder.resolve("lib" + number + ".so");
                Files.copy(folder.resolve("good.so"), library);
                Files.copy(folder.resolve("good.so.sig"), folder.resolve("lib" + number + ".so.sig"));
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {folder.resolve("native.jar").toUri().toURL()}, null);
                Class.forName("sample.Native", true, loader)
                        .getMethod("load", String.class)
                        .invoke(null, library.toString());
                return loader;
            }
            default -> throw new IllegalArgumentException(way);
        }
    }

    private static int handles() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    private static long copies(Path pins) throws IOException {
        long count = 0;
        try (Stream<Path> jvms = Files.list(pins)) {
            for (Path jvm : jvms.toList()) {
                String[] copies = jvm.toFile().list();
                count += copies == null ? 0 : copies.length;
            }
        }
        return count;
    }
}
