// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ContainedHost;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Archives in which a class lies where it is not one of the package: what was signed covers the class at its place only,
 * and what was not signed covers nothing, in whatever it lies.
 */
class HostileArchivesIT {

    private static final String PLUGIN = "sample/Plugin.class";
    private static final String URL = "mvn:group/plugin/1";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("evil-marker");
    private byte[] good;
    private byte[] evil;
    private Path evilJar;

    @BeforeEach
    void prepare() throws Exception {
        good = Files.readAllBytes(
                packages.classes("good-classes", fixture.file("marker"), "good").resolve(PLUGIN));
        evilJar = packages.jar("evil.jar", marker, "evil");
        evil = Files.readAllBytes(fixture.file("evil.jar-classes").resolve(PLUGIN));
    }

    /** @param entries names, each with its content behind it */
    private static byte[] zip(Object... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) entries[i]));
                zip.write((byte[]) entries[i + 1]);
            }
        }
        return out.toByteArray();
    }

    private Path signed(String name, byte[] content) throws IOException {
        return packages.sign(Files.write(fixture.file(name), content));
    }

    private static String define(String loader, Path file) {
        return "define " + loader + " " + URL + " " + Packages.PLUGIN + " " + file + " " + PLUGIN;
    }

    private Result run(Jdk jdk, String... commands) throws Exception {
        Result result = fixture.enforcing(jdk).run(ContainedHost.class, (Object[]) commands);
        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        return result;
    }

    /** As its second line. */
    private void assertRefused(Jdk jdk, Path archive, String reason) throws Exception {
        Result result = run(jdk, "open " + archive, define("one", evilJar));

        String line = result.out().split("\n")[1];
        assertTrue(line.startsWith("REFUSED ") && line.contains("(" + reason + ")"), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    private void assertLoaded(Jdk jdk, Path archive) throws Exception {
        Path jar = Files.write(fixture.file("loose.jar"), zip(PLUGIN, good));

        Result result = run(jdk, "open " + archive, define("one", jar));

        assertEquals("DONE\nLOADED\n", result.out(), result::toString);
        result.events("package.load.success").get(0).assertHas("covered_by", archive);
    }

    /** Also inside an archive inside, where java.util.zip is not asked. */
    @EachJdk(with = {"sample/plugin.class", "SAMPLE/Plugin.class", "xsample/Plugin.class", "sample/Plugin.class.txt"})
    void signedArchive_withTheClassUnderAnotherName_letsItNotIn(Jdk jdk, String name) throws Exception {
        assertRefused(jdk, signed("names.jar", zip(name, evil)), "tampered_package");
        assertRefused(jdk, signed("outer.war", zip("lib/names.jar", zip(name, evil))), "signature_not_found");
    }

    /** Hosts differ in which version they take; all were signed as classes. */
    @EachJdk
    void signedArchive_withTheClassAsAVersion_coversIt(Jdk jdk) throws Exception {
        assertLoaded(jdk, signed("versions.jar", zip("META-INF/versions/9/" + PLUGIN, good)));
    }

    @EachJdk
    void unsignedArchive_withTheClassAsAVersion_coversNothing(Jdk jdk) throws Exception {
        signed("other.jar", zip(PLUGIN, good));
        Path versions = Files.write(fixture.file("versions.jar"), zip("META-INF/versions/9/" + PLUGIN, evil));

        assertRefused(jdk, versions, "signature_not_found");
    }

    @EachJdk
    void archiveWithSomethingInFront_coversIfThatWasSigned(Jdk jdk) throws Exception {
        byte[] archive = zip(PLUGIN, good);
        byte[] front = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
        Path signed = Files.write(fixture.file("launched.jar"), front);
        packages.sign(Files.write(signed, archive, StandardOpenOption.APPEND));
        assertLoaded(jdk, signed);

        // The signed archive behind another one: which of them is read depends on the reader.
        Path both = Files.write(fixture.file("both.jar"), zip(PLUGIN, evil));
        Files.write(both, archive, StandardOpenOption.APPEND);
        assertRefused(jdk, both, "signature_not_found");
    }

    /** Two entries of one name: which a reader finds is its own affair. Of a signed archive both were signed. */
    @EachJdk
    void archiveWithTwoEntriesOfOneName_coversIfItWasSigned(Jdk jdk) throws Exception {
        byte[] twice = zip(PLUGIN, good, PLUGIN.replace('P', 'Q'), evil);
        // A name in the local header and in the directory.
        String text = new String(twice, StandardCharsets.ISO_8859_1).replace("sample/Qlugin", "sample/Plugin");
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);

        assertRefused(jdk, Files.write(fixture.file("twice.jar"), bytes), "signature_not_found");
        assertLoaded(jdk, signed("twice-signed.jar", bytes));
    }

    @EachJdk
    void archiveInArchiveInArchive_isCoveredByTheOutermost(Jdk jdk) throws Exception {
        byte[] war = zip("WEB-INF/lib/library.jar", zip(PLUGIN, good));
        assertLoaded(jdk, signed("deep.kar", zip("repository/deep.ear", zip("web.war", war))));

        byte[] evilWar = zip("WEB-INF/lib/library.jar", zip(PLUGIN, evil));
        Path unsigned = Files.write(fixture.file("evil.kar"), zip("repository/deep.ear", zip("web.war", evilWar)));
        assertRefused(jdk, unsigned, "signature_not_found");
    }
}
