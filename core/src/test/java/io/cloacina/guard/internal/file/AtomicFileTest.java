// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    Path directory;

    private Path temporary(long pid) throws Exception {
        return Files.writeString(directory.resolve(".cloacina-" + pid + "-1f.tmp"), "{");
    }

    @Test
    void removeLeftovers_ofProcessesThatWereKilled_removesThemOnly() throws Exception {
        Process killed = new ProcessBuilder("sleep", "60").start();
        Path leftOver = temporary(killed.pid());
        killed.destroyForcibly().waitFor();
        Path own = temporary(ProcessHandle.current().pid());
        Path living = temporary(ProcessHandle.current().parent().orElseThrow().pid());
        Path foreign = Files.writeString(directory.resolve(".cloacina-notes.tmp"), "");

        AtomicFile.removeLeftovers(directory, new HashSet<>());

        assertTrue(Files.notExists(leftOver));
        assertTrue(Files.notExists(own), "of an earlier process with the same id, as in containers");
        assertTrue(Files.exists(living));
        assertTrue(Files.exists(foreign));
    }

    @Test
    void removeLeftovers_ofADirectoryThatIsClean_looksNoSecondTime() throws Exception {
        Set<Path> cleaned = new HashSet<>();
        AtomicFile.removeLeftovers(directory, cleaned);
        Path own = temporary(ProcessHandle.current().pid());

        AtomicFile.removeLeftovers(directory, cleaned);

        assertTrue(Files.exists(own));
        AtomicFile.removeLeftovers(directory.resolve("none"), cleaned);
        assertEquals(2, cleaned.size());
    }
}
