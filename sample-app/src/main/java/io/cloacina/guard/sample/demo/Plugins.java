// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cloacina.guard.sample.demo.Plugin.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts the plugins in place: those of the build, and native ones where there is a C compiler. */
final class Plugins {

    private static final String CHANGED_WORDS = "are fine";

    private final Path sampleApp;
    private final WorkDirectory work;
    private final Screen screen;

    Plugins(Path sampleApp, WorkDirectory work, Screen screen) {
        this.sampleApp = sampleApp;
        this.work = work;
        this.screen = screen;
    }

    /** All of them, none signed or changed yet. */
    List<Plugin> putInPlace() throws IOException, InterruptedException {
        List<Plugin> plugins = new ArrayList<>();
        plugins.add(copied("butler", Treatment.SIGNED));
        plugins.add(copied("tourist", Treatment.NEVER_SIGNED));
        plugins.add(copied("keeper", Treatment.CHANGED));
        plugins.add(copied("pirate", Treatment.SIGNED_BY_A_STRANGER));
        plugins.addAll(NativePlugins.make(
                NativePlugins.chosenCompiler(),
                sampleApp.resolve("src/main/c/greeting.c"),
                work.plugins(),
                work.file("cc.log"),
                screen));
        return plugins;
    }

    private Plugin copied(String name, Treatment treatment) throws IOException {
        var plugin = new Plugin(name + ".jar", treatment);
        Files.copy(sampleApp.resolve("target/plugin-" + plugin.file()), path(plugin));
        return plugin;
    }

    Path path(Plugin plugin) {
        return work.plugins().resolve(plugin.file());
    }

    /** Turns "Your files are fine" into "Your files are mine". */
    void changeOneByte(Plugin plugin) throws IOException, DemoFailure {
        byte[] content = Files.readAllBytes(path(plugin));
        int words = new String(content, ISO_8859_1).indexOf(CHANGED_WORDS);
        if (words < 0) {
            throw new DemoFailure("[" + path(plugin) + "] does not hold the words that the demo changes");
        }
        content[words + CHANGED_WORDS.indexOf('f')] = 'm';
        Files.write(path(plugin), content);
    }
}
