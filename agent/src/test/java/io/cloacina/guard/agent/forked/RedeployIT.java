// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.RedeployHost;
import io.cloacina.guard.agent.hosts.ReopeningHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A plugin that is replaced at its path and loaded again, as hosts do that never stop. */
class RedeployIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;
    private Path plugin;
    private Path next;
    private Path unsigned;

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
        Files.createDirectories(folder.resolve("plugins"));
        plugin = packages.sign(packages.jar("plugins/plugin.jar", marker, "v1"));
        Files.createDirectories(folder.resolve("new"));
        next = packages.sign(packages.jar("new/next.jar", marker, "v2"));
        unsigned = packages.jar("new/unsigned.jar", marker, "evil");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private Result run(Jdks.Jdk jdk, String way, Path second) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(RedeployHost.class, way, marker, plugin, second, unsigned, Packages.PLUGIN);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void newVersion_afterTheOldLoaderWasClosed_runs(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "close", next);

        assertEquals("first ran v1\nfile v2\nsecond ran v2\nsecond resource v2\n", result.out(), result::toString);
        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }

    /** The old loader keeps to verified bytes: also when the copy of the new version has gone, and something evil came. */
    @ParameterizedTest
    @MethodSource("jdks")
    void newVersion_whileTheOldLoaderIsOpen_runs_andTheHostReadsItsFile(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "keep", next);

        assertEquals(
                "first ran v1\nfile v2\nsecond ran v2\nsecond resource v2\nfirst resource v1\nfile v1\n",
                result.out(),
                result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unsignedVersion_whileTheOldLoaderIsOpen_isReadByNobody(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "keep", unsigned);

        assertEquals(
                "first ran v1\nfile v1\nsecond REFUSED\nsecond resource none\nfirst resource v1\nfile v1\n",
                result.out(),
                result::toString);
    }

    /** Such a loader has its package for as long as it lives, open or not. */
    @ParameterizedTest
    @MethodSource("jdks")
    void newVersion_forALoaderThatOpensArchivesItself_runs_unsignedDoesNot(Jdks.Jdk jdk) throws Exception {
        Result signed = run(jdk, "own", next);
        assertEquals("first ran v1\nsecond ran v2\nheld OwnLoader\n", signed.out(), signed::toString);

        packages.sign(packages.jar("plugins/plugin.jar", marker, "v1"));
        Result refused = run(jdk, "own", unsigned);
        assertEquals("first ran v1\nsecond REFUSED\nheld OwnLoader\n", refused.out(), refused::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void signedReplacement_openedAsDataAgainAndAgain_isRecordedOnce(Jdks.Jdk jdk) throws Exception {
        Packages made = new Packages(folder);
        Path jar = made.sign(made.jar("again.jar", folder.resolve("again-marker"), "good"));
        Path classes = made.classes("newer-classes", folder.resolve("again-marker"), "newer");
        Files.writeString(classes.resolve("newer"), "newer");
        Path newer = made.sign(Packages.zip(classes, folder.resolve("newer.jar")));

        GuardedJvm.Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", made.publicKeyFile())
                .run(ReopeningHost.class, jar, Packages.PLUGIN, newer, 50);

        assertEquals("newer 50\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        assertEquals(0, result.events("package.load.failure").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void coveredReplacement_openedAsDataAgainAndAgain_isRecordedOnce(Jdks.Jdk jdk) throws Exception {
        Packages made = new Packages(folder);
        Path jar = made.sign(made.jar("again.jar", folder.resolve("again-marker"), "good"));
        Path classes = made.classes("newer-classes", folder.resolve("again-marker"), "newer");
        Files.writeString(classes.resolve("newer"), "newer");
        Path content = Files.createDirectories(folder.resolve("archive-content"));
        Path newer = Packages.zip(classes, folder.resolve("newer.jar"));
        Files.copy(newer, content.resolve("newer.jar"));
        Path archive = made.sign(Packages.zip(content, folder.resolve("archive.war")));

        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", made.publicKeyFile())
                .run(ReopeningHost.class, jar, Packages.PLUGIN, newer, 5, archive);

        assertEquals("newer 5\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        assertEquals(0, result.events("package.load.failure").size(), result::toString);
    }
}
