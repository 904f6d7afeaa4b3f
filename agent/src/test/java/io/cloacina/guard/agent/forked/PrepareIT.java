package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JDK classes that are woven beforehand, and the way without them. */
class PrepareIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private Path jarWithoutWovenClasses() throws Exception {
        Path jar = folder.resolve("guard.jar");
        try (ZipFile whole = new ZipFile(GuardedJvm.agentJar().toFile());
                OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Enumeration<? extends ZipEntry> all = whole.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (!entry.getName().startsWith("guard/woven/")) {
                    zip.putNextEntry(new ZipEntry(entry.getName()));
                    whole.getInputStream(entry).transferTo(zip);
                }
            }
        }
        return jar;
    }

    private static String wovenNow(Result result) {
        String event = result.events("guard.started").get(0);
        return event.replaceAll(".*\"woven_now\":\"([^\"]*)\".*", "$1");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void jar_thatDoesNotKnowTheJdk_weavesNow_andPreparedNoLonger(Jdks.Jdk jdk) throws Exception {
        Path jar = jarWithoutWovenClasses();
        GuardedJvm jvm = new GuardedJvm(jdk, folder).agent(jar);

        Result first = jvm.run(UrlHost.class, Packages.PLUGIN);
        assertEquals(0, first.status(), first::toString);
        assertTrue(wovenNow(first).contains("java.lang.ClassLoader,"), first::toString);

        Process prepare = new ProcessBuilder(
                        jdk.java().toString(),
                        "-jar",
                        jar.toString(),
                        "prepare",
                        jdk.home().toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(prepare.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, prepare.waitFor(), said);

        Result second = jvm.run(UrlHost.class, Packages.PLUGIN);
        assertEquals(0, second.status(), second::toString);
        assertFalse(wovenNow(second).contains("java.lang.ClassLoader,"), second::toString);
        assertTrue(second.events("guard.started").get(0).contains("\"define-class\":\"proved\""), second::toString);
    }
}
