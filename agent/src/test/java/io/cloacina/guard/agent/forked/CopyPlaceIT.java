// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.CopyPlaceHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where private copies lie: small ones in memory, unless something else was said. */
class CopyPlaceIT {

    private static final Path MEMORY = Path.of("/dev/shm");

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    private Path plugin(String name, int extraBytes) throws Exception {
        Path jar = packages.jar(name, fixture.file("marker"), "good");
        byte[] extra = new byte[extraBytes];
        new Random(1).nextBytes(extra);
        Path classes = fixture.file(name + "-classes");
        Files.write(classes.resolve("extra"), extra);
        return packages.sign(Packages.zip(classes, jar));
    }

    private static List<Path> opened(Result result) {
        return result.out()
                .lines()
                .filter(line -> line.startsWith("OPEN "))
                .map(line -> Path.of(line.substring("OPEN ".length())))
                .toList();
    }

    @EachJdk
    void copies_noDirectoryConfigured_smallOnesLieInMemoryAndGoWithTheJvm(Jdk jdk) throws Exception {
        assumeTrue(
                Files.isWritable(MEMORY)
                        && Files.getFileStore(MEMORY).type().equals("tmpfs")
                        && Files.getFileStore(MEMORY).getUsableSpace() > 1 << 26,
                "there is no file system in memory with room");
        GuardedJvm jvm = fixture.enforcing(jdk).option("-Djava.io.tmpdir=/tmp");
        Path small = plugin("small.jar", 10_000);
        Path large = plugin("large.jar", 2 << 20);

        Result result = jvm.run(CopyPlaceHost.class, Packages.PLUGIN, small, large, small);

        List<Path> opened = opened(result);
        assertEquals(3, opened.size(), result::toString);
        assertTrue(opened.get(0).startsWith(MEMORY), result::toString);
        assertFalse(opened.get(1).startsWith(MEMORY), result::toString);
        assertTrue(opened.get(2).startsWith(MEMORY), result::toString);
        for (Path copy : opened) {
            assertFalse(Files.exists(copy.getParent()), result::toString);
        }
        assertEquals(3, result.events("package.load.success").size(), result::toString);
    }

    @EachJdk
    void copies_directoryConfigured_lieThere(Jdk jdk) throws Exception {
        Path small = plugin("small.jar", 10_000);
        Path pins = fixture.file("pins");
        Path temporary = Files.createDirectory(fixture.file("temporary"));

        Result configured = fixture.enforcing(jdk)
                .option("-Djava.io.tmpdir=/tmp")
                .set("cloacina.pin_directory", pins)
                .run(CopyPlaceHost.class, Packages.PLUGIN, small);
        Result byTheJvm = fixture.enforcing(jdk)
                .option("-Djava.io.tmpdir=" + temporary)
                .run(CopyPlaceHost.class, Packages.PLUGIN, small);

        assertTrue(opened(configured).get(0).startsWith(pins.toRealPath()), configured::toString);
        assertTrue(opened(byTheJvm).get(0).startsWith(temporary.toRealPath()), byTheJvm::toString);
    }
}
