// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Covers;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.Load;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyInMakingTest {

    @TempDir
    Path folder;

    /** What covers the load is asked for while it is decided on. */
    @Test
    void copies_whileOneIsDecidedOn_areClosedToOthers() throws Exception {
        Path file = Files.writeString(folder.resolve("a.jar"), "a");
        List<String> modes = new ArrayList<>();
        Map<String, String> settings = Map.of("cloacina.audit", "file:" + folder.resolve("events.jsonl"));
        SnapshotStore snapshots = new SnapshotStore(folder.resolve("copies"));
        // The start, in which nothing is closed yet, is over.
        snapshots.settled(snapshots.directory().resolve("trial"));
        try (Guard guard = Guard.open(GuardConfig.read(settings, Map.of()), Clock.systemUTC())) {
            Covers covers = new Covers() {
                @Override
                public List<Cover> of(Load load, Path copy, PackageHash hash) {
                    modes.add(mode(snapshots));
                    assertTrue(Files.exists(copy));
                    return List.of();
                }
            };
            Path copy = snapshots.newCopy("a.jar", 1);
            CopyInMaking making = new CopyInMaking(snapshots, copy, covers);
            modes.add(mode(snapshots));
            assertInstanceOf(
                    Admission.Allowed.class,
                    guard.admit(Load.ofFile(Load.Kind.JAR, file, "a hook", null), copy, making));
            making.end();
            Path other = snapshots.newCopy("b.jar", 1);
            modes.add(mode(snapshots));
            snapshots.delete(other);
            snapshots.copied(other);
            modes.add(mode(snapshots));
        }
        snapshots.close();
        assertEquals(List.of("rwx------", "r-x------", "rwx------", "r-x------"), modes);
    }

    private static String mode(SnapshotStore snapshots) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(snapshots.directory()));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
