// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ExchangedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A loader has opened an unsigned package by itself, whose file is then exchanged for a signed one that holds the first
 * class, too. What only the unsigned one holds is no generated class.
 */
class ExchangedIT {

    /** Named so that it comes behind the classes that both archives hold, which so lie at the same place in both. */
    private static final String EVIL = "sample.Virus";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path signed;
    private Path evil;
    private Path plugin;

    @BeforeEach
    void prepare() throws Exception {
        Path classes = packages.classes("classes", fixture.file("other"), "good");
        signed = packages.sign(Packages.zip(classes, fixture.file("signed.jar")));
        Path evilClasses = packages.classes("evil-classes", fixture.file("other"), "good");
        Packages.compile(evilClasses, EVIL, evil());
        evil = Packages.zip(evilClasses, fixture.file("evil.jar"));
        Path plugins = Files.createDirectory(fixture.file("plugins"));
        plugin = plugins.resolve("plugin.jar");
        Files.copy(evil, plugin);
        Files.copy(fixture.file("signed.jar.sig"), plugins.resolve("plugin.jar.sig"));
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

    private void assertOnlyTheSecondIsRefused(Result result) {
        String[] lines = result.out().split("\n");
        assertEquals(2, lines.length, result::toString);
        assertEquals("LOADED", lines[0], result::toString);
        assertTrue(lines[1].startsWith("REFUSED ") && lines[1].contains("(tampered_package)"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk(with = {"lazily", "memory", "stream", "privileged"})
    void archive_exchangedAfterItWasOpened_givesNoClassThatIsNotSigned(Jdk jdk, String way) throws Exception {
        assertOnlyTheSecondIsRefused(fixture.enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        way + " " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @EachJdk
    void archive_openedAnewAfterItWasExchanged_givesNoClassOfTheOneBefore(Jdk jdk) throws Exception {
        assertOnlyTheSecondIsRefused(fixture.enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "memory " + plugin,
                        "rename " + signed + " " + plugin,
                        "open " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @EachJdk
    void archive_openedByAnotherPath_givesNoClassThatIsNotSigned(Jdk jdk) throws Exception {
        Path link = Files.createSymbolicLink(fixture.file("linked"), plugin.getParent());
        assertOnlyTheSecondIsRefused(fixture.enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "lazily " + link.resolve("plugin.jar") + " " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "load " + EVIL));
    }

    @EachJdk
    void archive_overwrittenInPlaceAndPutBack_givesNoClassThatIsNotSigned(Jdk jdk) throws Exception {
        pad(fixture.file("classes"), Files.size(evil));
        Files.copy(
                fixture.file("signed.jar.sig"),
                fixture.file("plugins/plugin.jar.sig"),
                StandardCopyOption.REPLACE_EXISTING);

        assertOnlyTheSecondIsRefused(fixture.enforcing(jdk)
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

    @EachJdk
    void directory_intoWhichAClassIsPut_doesNotGiveThatClass(Jdk jdk) throws Exception {
        Path tree = packages.sign(packages.classes("tree", fixture.file("other"), "good"));
        Path late = fixture.file("evil-classes/sample/Virus.class");

        assertOnlyTheSecondIsRefused(fixture.enforcing(jdk)
                .run(
                        ExchangedHost.class,
                        "directory " + tree,
                        "load " + Packages.PLUGIN,
                        "rename " + late + " " + tree.resolve("sample/Virus.class"),
                        "load " + EVIL));
    }

    @EachJdk
    void generatedClass_ofAnExchangedArchive_isStillCounted(Jdk jdk) throws Exception {
        Path generated = fixture.file("evil-classes/sample/Virus.class");

        Result result = fixture.enforcing(jdk)
                .option("--add-opens=java.base/java.lang=ALL-UNNAMED")
                .run(
                        ExchangedHost.class,
                        "memory " + plugin,
                        "rename " + signed + " " + plugin,
                        "load " + Packages.PLUGIN,
                        "generate " + EVIL + " " + generated);

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        result.events("guard.stopped").get(0).assertHas("dynamic_classes", 1);
    }

    @EachJdk
    void exchangedArchive_inAuditMode_loadsAndIsRecorded(Jdk jdk) throws Exception {
        Result result = fixture.jvm(jdk)
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
                        .anyMatch(event -> event.has("failure_reason", "tampered_package")),
                result::toString);
    }
}
