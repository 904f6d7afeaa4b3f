// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.EachJdk;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Byte Buddy is what the hooks are written for; without its classes a JVM starts several times as fast. */
class HookWeavingTest {

    /** More homes of JDKs, with the separator of paths between them. */
    private static final String MORE = System.getProperty("more.jdks", "");

    private static String classPath() throws Exception {
        StringBuilder path = new StringBuilder();
        for (Class<?> one : List.of(
                HookComparison.class,
                HookWeaving.class,
                io.cloacina.guard.audit.AuditEvent.class,
                net.bytebuddy.ByteBuddy.class)) {
            path.append(Path.of(one.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))
                    .append(File.pathSeparator);
        }
        return path.toString();
    }

    private static void assertSame(Path home) throws Exception {
        Process process = new ProcessBuilder(
                        home.resolve("bin/java").toString(), "-cp", classPath(), HookComparison.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        List<String> lines = said.lines().toList();
        assertTrue(lines.size() > 15, () -> "nothing was compared: " + said);
        assertTrue(lines.stream().allMatch(line -> line.endsWith(" same")), () -> home + ": " + said);
    }

    @EachJdk
    void everyClassWithAHook_isMadeAsByteBuddyMakesIt(Jdk jdk) throws Exception {
        assertSame(jdk.home());
        for (String home : MORE.split(File.pathSeparator)) {
            if (!home.isEmpty()) {
                assertSame(Path.of(home));
            }
        }
    }
}
