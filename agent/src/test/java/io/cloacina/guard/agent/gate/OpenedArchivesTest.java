// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenedArchivesTest {

    @TempDir
    Path folder;

    @Test
    void read_whereOpenFilesHaveNoNames_notesTheFileByItsPath() throws Exception {
        Path archive = Files.writeString(folder.resolve("a.jar"), "an archive");
        Environment environment = new Environment(GuardConfig.read(Map.of(), Map.of()), List.of(), List.of());
        SnapshotStore snapshots = new SnapshotStore(folder.resolve("copies"));
        try {
            OpenedArchives archives = new OpenedArchives(environment, snapshots);

            archives.read(archive.toString(), null);

            assertTrue(archives.mayBeAnother(archive, "as it was when it was decided on"));
        } finally {
            snapshots.close();
        }
    }
}
