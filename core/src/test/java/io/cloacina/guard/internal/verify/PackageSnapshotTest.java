// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageSnapshotTest {

    private static final int BLOCK = 64 * 1024;

    @TempDir
    Path folder;

    private Path file;
    private Path copy;

    @BeforeEach
    void name() {
        file = folder.resolve("file");
        copy = folder.resolve("copy");
    }

    @Test
    void copy_ofAFile_isReadOnly() throws Exception {
        Files.writeString(file, "content");

        assertEquals(PackageSnapshot.hash(file), PackageSnapshot.copy(file, copy));

        assertEquals("content", Files.readString(copy));
        assertEquals("r--------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    }

    @Test
    void copy_whereAFileIsAlready_isRefusedAndLeavesIt() throws Exception {
        Files.writeString(file, "content");
        Files.writeString(copy, "opened by another");

        assertThrows(UnreadablePackageException.class, () -> PackageSnapshot.copy(file, copy));

        assertEquals("opened by another", Files.readString(copy));
    }

    @Test
    void copy_ofHoles_isEqualByteForByte() throws Exception {
        int[][] filled = {{0}, {1, 9}, {15}, {}, {3, 4, 5}};
        for (int[] blocks : filled) {
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                out.setLength(0);
                out.setLength(16 * BLOCK);
                for (int block : blocks) {
                    out.seek((long) block * BLOCK + 17);
                    out.write(block + 1);
                }
            }
            assertEquals(PackageSnapshot.hash(file), PackageSnapshot.copy(file, copy));
            assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(copy));
            Files.delete(copy);
        }
    }

    @Test
    void copy_largerThanAllowed_isRefusedBeforeItIsRead() throws Exception {
        Files.writeString(file, "content");

        UnreadablePackageException e =
                assertThrows(UnreadablePackageException.class, () -> PackageSnapshot.copy(file, copy, 6));

        assertTrue(e.getMessage().contains("7 bytes, more than the 6"), e.getMessage());
        assertFalse(Files.exists(copy));
    }
}
