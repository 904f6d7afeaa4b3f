// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloacina.guard.sample.demo.Plugin.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes the native plugins where there is a C compiler; without, the demo goes on and says so. */
final class NativePlugins {

    private static final int SHOWN_LINES = 3;
    private static final int SHOWN_WIDTH = 96;

    private final String compiler;
    private final Path source;
    private final Path directory;
    private final Path log;
    private final Screen screen;
    private final boolean mac =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");

    private NativePlugins(String compiler, Path source, Path directory, Path log, Screen screen) {
        this.compiler = compiler;
        this.source = source;
        this.directory = directory;
        this.log = log;
        this.screen = screen;
    }

    /** {@code $CC}, else {@code cc}. */
    static String chosenCompiler() {
        String chosen = System.getenv("CC");
        return chosen == null || chosen.isEmpty() ? "cc" : chosen;
    }

    /**
     * Compiles them.
     *
     * @param log gets what the compiler says
     * @return all that there are, or none
     */
    static List<Plugin> make(String compiler, Path source, Path directory, Path log, Screen screen)
            throws IOException, InterruptedException {
        var plugins = new NativePlugins(compiler, source, directory, log, screen);
        return plugins.canCompile() ? plugins.compileAll() : List.of();
    }

    private boolean canCompile() throws IOException, InterruptedException {
        if (run("--version").isEmpty()) {
            screen.note("There is no C compiler (" + compiler + ") here: the demo goes on without native plugins.");
            return false;
        }
        if (!Files.isRegularFile(headers().resolve("jni.h"))
                || !Files.isRegularFile(headers().resolve(platform()).resolve("jni_md.h"))) {
            screen.note(
                    "This JDK has no include/jni.h for " + platform() + ": the demo goes on without native plugins.");
            return false;
        }
        return true;
    }

    private List<Plugin> compileAll() throws IOException, InterruptedException {
        List<Plugin> made = new ArrayList<>();
        made.add(new Plugin("native-butler." + extension(), Treatment.SIGNED));
        made.add(new Plugin("native-tourist." + extension(), Treatment.NEVER_SIGNED));
        List<String> greetings = new ArrayList<>(List.of("Dinner is ready", "Is this the station"));
        // On macOS the system itself kills a process that runs a changed library.
        if (!mac) {
            made.add(new Plugin("native-keeper." + extension(), Treatment.CHANGED));
            greetings.add("Your files are fine");
        }
        for (int i = 0; i < made.size(); i++) {
            if (!compile(made.get(i), greetings.get(i))) {
                for (Plugin useless : made) {
                    Files.deleteIfExists(directory.resolve(useless.file()));
                }
                return List.of();
            }
        }
        return made;
    }

    private boolean compile(Plugin plugin, String greeting) throws IOException, InterruptedException {
        Optional<Integer> status = run(
                "-Wall",
                "-Wextra",
                "-O2",
                "-shared",
                "-fPIC",
                "-I" + headers(),
                "-I" + headers().resolve(platform()),
                "-DGREETING=\"" + greeting + "\"",
                "-o",
                directory.resolve(plugin.file()).toString(),
                source.toString());
        if (status.isPresent() && status.get() == 0) {
            return true;
        }
        screen.note(compiler + " could not compile the native plugins: the demo goes on without them.");
        new String(Files.readAllBytes(log), UTF_8)
                .lines()
                .limit(SHOWN_LINES)
                .map(line -> line.substring(0, Math.min(line.length(), SHOWN_WIDTH)))
                .forEach(line -> screen.note("  " + line));
        return false;
    }

    /** The compiler's exit status; empty if there is no compiler. */
    private Optional<Integer> run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add(0, compiler);
        var compiling = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        Process process;
        try {
            process = compiling.start();
        } catch (IOException notThere) {
            return Optional.empty();
        }
        process.getOutputStream().close();
        return Optional.of(process.waitFor());
    }

    private static Path headers() {
        return Path.of(System.getProperty("java.home"), "include");
    }

    private String platform() {
        return mac ? "darwin" : "linux";
    }

    private String extension() {
        return mac ? "dylib" : "so";
    }
}
