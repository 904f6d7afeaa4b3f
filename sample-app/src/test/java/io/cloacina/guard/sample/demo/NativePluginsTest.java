// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativePluginsTest {

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    private Path work;

    @Test
    void compiler_thatIsNotThere_leavesNoPluginAndSaysSo() throws Exception {
        assertEquals(List.of(), make("no-such-compiler"));
        assertEquals(
                "  There is no C compiler (no-such-compiler) here: the demo goes on without native plugins.\n", text());
    }

    @Test
    void compiler_thatFails_leavesNoPluginAndShowsWhatItSaid() throws Exception {
        assumeTrue(
                Files.exists(Path.of(System.getProperty("java.home"), "include", "linux", "jni_md.h")),
                "this JDK has no headers for Linux");
        Path compiler = Files.writeString(work.resolve("compiler"), "#!/bin/sh\necho no room\nexit 1\n");
        assumeTrue(compiler.toFile().setExecutable(true));
        assertEquals(List.of(), make(compiler.toString()));
        assertEquals(
                "  " + compiler + " could not compile the native plugins: the demo goes on without them.\n"
                        + "    no room\n",
                text());
        try (Stream<Path> left = Files.list(Files.createDirectories(work.resolve("plugins")))) {
            assertEquals(List.of(), left.toList());
        }
    }

    private List<Plugin> make(String compiler) throws Exception {
        return NativePlugins.make(
                compiler,
                Path.of("src/main/c/greeting.c"),
                Files.createDirectory(work.resolve("plugins")),
                work.resolve("cc.log"),
                new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false));
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
