// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ChurnHost;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Plugins that are loaded and dropped leave nothing behind: no class loaders, no open files, no copies. */
class ChurnIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    @EachJdk
    void plugins_loadedAndDroppedByThousands_leaveNothingBehind(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        packages.sign(packages.jar("good.jar", fixture.file("marker"), "good"));
        packages.sign(fixture.file("good.jar-classes"));
        packages.jar("evil.jar", fixture.file("evil-marker"), "evil");
        Path curious = fixture.newDirectory("curious");
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
        packages.sign(Packages.zip(curious, fixture.file("curious.jar")));
        run(jdk, packages, 350, "closed", "dropped", "folder", "module", "own", "refused");
    }

    @EachJdk
    void nativeLibraries_ofDroppedPlugins_leaveNothingBehind(Jdk jdk) throws Exception {
        assumeTrue(Packages.hasCompiler(), "there is no C compiler");
        Packages packages = fixture.packages();
        packages.sign(packages.nativeLibrary("good.so", fixture.file("marker")));
        Path classes = fixture.newDirectory("native");
        Packages.compile(classes, "sample.Native", """
                package sample;
                public class Native {
                    public static void load(String path) {
                        System.load(path);
                    }
                }
                """);
        packages.sign(Packages.zip(classes, fixture.file("native.jar")));
        run(jdk, packages, 100, "native");
    }

    private void run(Jdk jdk, Packages packages, int loads, String... ways) throws Exception {
        Path pins = fixture.file("pins");
        Object[] arguments = new Object[3 + ways.length];
        arguments[0] = fixture.directory();
        arguments[1] = pins;
        arguments[2] = loads;
        System.arraycopy(ways, 0, arguments, 3, ways.length);

        Result result =
                fixture.enforcing(jdk).set("cloacina.pin_directory", pins).run(ChurnHost.class, arguments);

        StringBuilder expected = new StringBuilder();
        for (String way : ways) {
            expected.append(way).append(": loaders 0 handles stay copies stay\n");
        }
        assertEquals(expected.toString(), result.out(), result.err());
    }
}
