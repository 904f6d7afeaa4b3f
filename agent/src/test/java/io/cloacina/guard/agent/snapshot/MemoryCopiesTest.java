// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryCopiesTest {

    @TempDir
    Path place;

    private Path[] made() throws IOException {
        try (Stream<Path> all = Files.list(place)) {
            return all.toArray(Path[]::new);
        }
    }

    @Test
    void directory_beforeTheFirstCopy_isNotMade() throws Exception {
        MemoryCopies copies = new MemoryCopies(place);

        assertNull(copies.forSize(MemoryCopies.LARGEST_BYTES + 1));
        assertNull(copies.forSize(-1));
        assertEquals(0, made().length);

        SnapshotDirectory directory = copies.forSize(MemoryCopies.LARGEST_BYTES);
        assertNotNull(directory);
        assertEquals("r-x------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())));
        assertSame(directory, copies.directoryOf(directory.path() + "/1-a.jar"));
        assertNull(copies.directoryOf(place + "/1-a.jar"));

        copies.close();
        assertEquals(0, made().length);
        assertNull(copies.forSize(1));
    }

    @Test
    void copies_togetherTooLarge_lieElsewhereUntilSomeAreRemoved() throws Exception {
        MemoryCopies copies = new MemoryCopies(place);
        int most = 0;
        while (copies.forSize(MemoryCopies.LARGEST_BYTES) != null) {
            copies.took(place.resolve("copy" + most), MemoryCopies.LARGEST_BYTES);
            most++;
        }
        assertEquals(MemoryCopies.MOST_BYTES / MemoryCopies.LARGEST_BYTES, most);

        copies.removed(place.resolve("copy0"));
        copies.removed(place.resolve("copy0"));
        assertNotNull(copies.forSize(MemoryCopies.LARGEST_BYTES));
        copies.took(place.resolve("another"), MemoryCopies.LARGEST_BYTES);
        assertNull(copies.forSize(1));
        copies.close();
    }

    @Test
    void place_noneOrNotWritable_isNotUsed() throws Exception {
        assertNull(new MemoryCopies(null).forSize(1));
        assertNull(new MemoryCopies(place.resolve("absent")).forSize(1));
        assertNull(new MemoryCopies(Files.createFile(place.resolve("a-file"))).forSize(1));
    }
}
