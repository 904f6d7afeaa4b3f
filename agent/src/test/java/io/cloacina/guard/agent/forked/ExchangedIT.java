// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ExchangedHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A loader has opened an unsigned package by itself, whose file is then exchanged for a signed one that holds the first
 * class, too. What only the unsigned one holds is no generated class.
 */
class ExchangedIT {

    /** Named so that it comes behind the classes that both archives hold, which so lie at the same place in both. */
    private static final String EVIL = "sample.Virus";

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;
    private Path signed;
    private Path evil;
    private Path plugin;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    static List<Arguments> jdksAndWays() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            for (String way : new String[] {"lazily", "memory", "stream", "privileged"}) {
                all.add(Arguments.of(jdk, way));
            }
        }
        return all;
    }

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
        Path classes = packages.classes("classes", folder.resolve("other"), "good");
        signed = packages.sign(Packages.zip(classes, folder.resolve("signed.jar")));
        Path evilClasses = packages.classes("evil-classes", folder.resolve("other"), "good");
        Packages.compile(evilClasses, EVIL, evil());
        evil = Packages.zip(evilClasses, folder.resolve("evil.jar"));
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        plugin = plugins.resolve("plugin.jar");
        Files.copy(evil, plugin);
        Files.copy(folder.resolve("signed.jar.sig"), plugins.resolve("plugin.jar.sig"));
    }

    private String evil() {
        return """
                package sample;
                public class Virus {
                    static {
                        try {
                            java.nio.file.Files.writeString(java.nio.file.Path.of("%s"), "evil");
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                }
                """.formatted(marker);
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws IOException {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private void assertOnlyTheSecondIsRefused(Result result) {
        String[] lines = result.out().split("\n");
        assertEquals(2, lines.length, result::toString);
        assertEquals("LOADED", lines[0], result::toString);
        assertTrue(lines[1].startsWith("REFUSED ") && lines[1].contains("(tampered_package)"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdksAndWays")
    void archive_exchangedAfterItWasOpened_givesNoClassThatIsNotSigned(Jdks.Jdk jdk, String way) throws Exception {
        assertOnlyTheSecondIsRefused(enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        way + " " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void archive_openedAnewAfterItWasExchanged_givesNoClassOfTheOneBefore(Jdks.Jdk jdk) throws Exception {
        assertOnlyTheSecondIsRefused(enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "memory " + plugin,
                        "rename " + signed + " " + plugin,
                        "open " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void archive_openedByAnotherPath_givesNoClassThatIsNotSigned(Jdks.Jdk jdk) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("linked"), plugin.getParent());
        assertOnlyTheSecondIsRefused(enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "lazily " + link.resolve("plugin.jar") + " " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void archive_overwrittenInPlaceAndPutBack_givesNoClassThatIsNotSigned(Jdks.Jdk jdk) throws Exception {
        pad(folder.resolve("classes"), Files.size(evil));
        Files.copy(
                folder.resolve("signed.jar.sig"),
                folder.resolve("plugins/plugin.jar.sig"),
                StandardCopyOption.REPLACE_EXISTING);

        assertOnlyTheSecondIsRefused(enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "lazily " + plugin,
                        "overwrite " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "overwrite " + evil + " " + plugin,
                        "load " + EVIL));
    }

    /** Makes the signed archive of that size, by a resource that cannot be compressed. */
    private void pad(Path classes, long sizeBytes) throws Exception {
        Random random = new Random(1);
        byte[] noise = new byte[Math.toIntExact(sizeBytes)];
        random.nextBytes(noise);
        for (int length = 0; length < noise.length; length++) {
            Files.write(classes.resolve("text.txt"), Arrays.copyOf(noise, length));
            if (Files.size(Packages.zip(classes, signed)) == sizeBytes) {
                packages.sign(signed);
                return;
            }
        }
        throw new IllegalStateException("no size fits");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void directory_intoWhichAClassIsPut_doesNotGiveThatClass(Jdks.Jdk jdk) throws Exception {
        Path tree = packages.sign(packages.classes("tree", folder.resolve("other"), "good"));
        Path late = folder.resolve("evil-classes/sample/Virus.class");

        assertOnlyTheSecondIsRefused(enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "directory " + tree,
                        "load " + Packages.PLUGIN,
                        "rename " + late + " " + tree.resolve("sample/Virus.class"),
                        "load " + EVIL));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void generatedClass_ofAnExchangedArchive_isStillCounted(Jdks.Jdk jdk) throws Exception {
        Path generated = folder.resolve("evil-classes/sample/Virus.class");

        Result result = enforcing(jdk)
                .option("--add-opens=java.base/java.lang=ALL-UNNAMED")
                .run(
                        ExchangedHost.class,
                        "memory " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "generate " + EVIL + " " + generated);

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        assertTrue(result.events("guard.stopped").get(0).contains("\"dynamic_classes\":1"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void exchangedArchive_inAuditMode_loadsAndIsRecorded(Jdks.Jdk jdk) throws Exception {
        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(
                        ExchangedHost.class,
                        "lazily " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL);

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        assertTrue(
                result.events("package.load.success").stream()
                        .anyMatch(event -> event.contains("\"failure_reason\":\"tampered_package\"")),
                result::toString);
    }
}
