// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.RedeployHost;
import io.cloacina.guard.agent.hosts.ReopeningHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A plugin that is replaced at its path and loaded again, as hosts do that never stop. */
class RedeployIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path plugin;
    private Path next;
    private Path unsigned;

    @BeforeEach
    void prepare() throws Exception {
        fixture.newDirectory("plugins");
        plugin = packages.sign(packages.jar("plugins/plugin.jar", marker, "v1"));
        fixture.newDirectory("new");
        next = packages.sign(packages.jar("new/next.jar", marker, "v2"));
        unsigned = packages.jar("new/unsigned.jar", marker, "evil");
    }

    private Result run(Jdk jdk, String way, Path second) throws Exception {
        return fixture.enforcing(jdk).run(RedeployHost.class, way, marker, plugin, second, unsigned, Packages.PLUGIN);
    }

    @EachJdk
    void newVersion_afterTheOldLoaderWasClosed_runs(Jdk jdk) throws Exception {
        Result result = run(jdk, "close", next);

        assertEquals("first ran v1\nfile v2\nsecond ran v2\nsecond resource v2\n", result.out(), result::toString);
        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }

    /** The old loader keeps to verified bytes: also when the copy of the new version has gone, and something evil came. */
    @EachJdk
    void newVersion_whileTheOldLoaderIsOpen_runs_andTheHostReadsItsFile(Jdk jdk) throws Exception {
        Result result = run(jdk, "keep", next);

        assertEquals(
                "first ran v1\nfile v2\nsecond ran v2\nsecond resource v2\nfirst resource v1\nfile v1\n",
                result.out(),
                result::toString);
    }

    @EachJdk
    void unsignedVersion_whileTheOldLoaderIsOpen_isReadByNobody(Jdk jdk) throws Exception {
        Result result = run(jdk, "keep", unsigned);

        assertEquals(
                "first ran v1\nfile v1\nsecond REFUSED\nsecond resource none\nfirst resource v1\nfile v1\n",
                result.out(),
                result::toString);
    }

    /** Such a loader has its package for as long as it lives, open or not. */
    @EachJdk
    void newVersion_forALoaderThatOpensArchivesItself_runs_unsignedDoesNot(Jdk jdk) throws Exception {
        Result signed = run(jdk, "own", next);
        assertEquals("first ran v1\nsecond ran v2\nheld OwnLoader\n", signed.out(), signed::toString);

        packages.sign(packages.jar("plugins/plugin.jar", marker, "v1"));
        Result refused = run(jdk, "own", unsigned);
        assertEquals("first ran v1\nsecond REFUSED\nheld OwnLoader\n", refused.out(), refused::toString);
    }

    @EachJdk
    void signedReplacement_openedAsDataAgainAndAgain_isRecordedOnce(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("again.jar", fixture.file("again-marker"), "good"));
        Path classes = packages.classes("newer-classes", fixture.file("again-marker"), "newer");
        Files.writeString(classes.resolve("newer"), "newer");
        Path newer = packages.sign(Packages.zip(classes, fixture.file("newer.jar")));

        Result result = fixture.enforcing(jdk).run(ReopeningHost.class, jar, Packages.PLUGIN, newer, 50);

        assertEquals("newer 50\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        assertEquals(0, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk
    void coveredReplacement_openedAsDataAgainAndAgain_isRecordedOnce(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("again.jar", fixture.file("again-marker"), "good"));
        Path classes = packages.classes("newer-classes", fixture.file("again-marker"), "newer");
        Files.writeString(classes.resolve("newer"), "newer");
        Path content = fixture.newDirectory("archive-content");
        Path newer = Packages.zip(classes, fixture.file("newer.jar"));
        Files.copy(newer, content.resolve("newer.jar"));
        Path archive = packages.sign(Packages.zip(content, fixture.file("archive.war")));

        Result result = fixture.enforcing(jdk).run(ReopeningHost.class, jar, Packages.PLUGIN, newer, 5, archive);

        assertEquals("newer 5\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        assertEquals(0, result.events("package.load.failure").size(), result::toString);
    }
}
