// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ChurnHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plugins that are loaded and dropped leave nothing behind: no class loaders, no open files, no copies. */
class ChurnIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void plugins_loadedAndDroppedByThousands_leaveNothingBehind(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        packages.sign(packages.jar("good.jar", folder.resolve("marker"), "good"));
        packages.sign(folder.resolve("good.jar-classes"));
        packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");
        Path curious = Files.createDirectories(folder.resolve("curious"));
        Packages.compile(curious, "sample.Curious", """
                package sample;
                public class Curious {
                    static {
                        try {
                            Class.forName("sample.Plugin");
                            throw new IllegalStateException("evil code is there");
                        } catch (ClassNotFoundException e) {
                            if (e.getSuppressed().length != 1) {
                                throw new IllegalStateException(e);
                            }
                        }
                    }
                }
                """);
        packages.sign(Packages.zip(curious, folder.resolve("curious.jar")));
        run(jdk, packages, 350, "closed", "dropped", "folder", "module", "own", "refused");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void nativeLibraries_ofDroppedPlugins_leaveNothingBehind(Jdks.Jdk jdk) throws Exception {
        assumeTrue(Packages.hasCompiler(), "there is no C compiler");
        Packages packages = new Packages(folder);
        packages.sign(packages.nativeLibrary("good.so", folder.resolve("marker")));
        Path classes = Files.createDirectories(folder.resolve("native"));
        Packages.compile(classes, "sample.Native", """
                package sample;
                public class Native {
                    public static void load(String path) {
                        System.load(path);
                    }
                }
                """);
        packages.sign(Packages.zip(classes, folder.resolve("native.jar")));
        run(jdk, packages, 100, "native");
    }

    private void run(Jdks.Jdk jdk, Packages packages, int loads, String... ways) throws Exception {
        Path pins = folder.resolve("pins");
        Object[] arguments = new Object[3 + ways.length];
        arguments[0] = folder;
        arguments[1] = pins;
        arguments[2] = loads;
        System.arraycopy(ways, 0, arguments, 3, ways.length);

        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .set("cloacina.pin_directory", pins)
                .run(ChurnHost.class, arguments);

        StringBuilder expected = new StringBuilder();
        for (String way : ways) {
            expected.append(way).append(": loaders 0 handles stay copies stay\n");
        }
        assertEquals(expected.toString(), result.out(), result.err());
    }
}
