// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
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

    @Test
    void copy_hashedBesideItsCopy_isTheFileWithItsHash() throws Exception {
        Random random = new Random(1);
        for (long size : new long[] {
            SideHash.WORTHWHILE_BYTES - 1, SideHash.WORTHWHILE_BYTES, 3 * SideHash.WORTHWHILE_BYTES + 17, 20 << 20
        }) {
            byte[] content = new byte[(int) size];
            random.nextBytes(content);
            Files.write(file, content);

            assertEquals(PackageHash.ofContent(content), PackageSnapshot.copy(file, copy));

            assertArrayEquals(content, Files.readAllBytes(copy));
            Files.delete(copy);
        }
    }

    @Test
    void copy_byAnInterruptedThread_isMadeAndTheThreadStaysInterrupted() throws Exception {
        byte[] content = new byte[20 << 20];
        new Random(2).nextBytes(content);
        Files.write(file, content);
        Thread.currentThread().interrupt();

        PackageHash hash;
        boolean interrupted;
        try {
            hash = PackageSnapshot.copy(file, copy);
        } finally {
            interrupted = Thread.interrupted();
        }

        assertTrue(interrupted);
        assertEquals(PackageHash.ofContent(content), hash);
        assertArrayEquals(content, Files.readAllBytes(copy));
    }

    @Test
    void hashing_whoseThreadIsInterrupted_goesOn() throws Exception {
        try (SideHash side = SideHash.begin(SideHash.WORTHWHILE_BYTES)) {
            assumeTrue(side != null, "one processor");
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().equals("cloacina-guard-hash")) {
                    thread.interrupt();
                }
            }
            side.buffer()[0] = 42;
            side.filled(1);

            assertEquals(PackageHash.ofContent(new byte[] {42}), side.end());
        }
    }

    @Test
    void hashing_thatFails_failsTheCopy() throws Exception {
        try (SideHash side = SideHash.begin(SideHash.WORTHWHILE_BYTES)) {
            assumeTrue(side != null, "one processor");
            // More than the buffer has.
            side.filled(side.buffer().length + 1);

            assertNotNull(assertThrows(IOException.class, side::end).getCause());
        }
    }

    @Test
    void hashing_thatIsGivenUp_endsItsThread() throws Exception {
        try (SideHash side = SideHash.begin(SideHash.WORTHWHILE_BYTES)) {
            assumeTrue(side != null, "one processor");
            side.buffer();
            side.filled(17);
        }

        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("cloacina-guard-hash")) {
                thread.join();
            }
        }
    }
}
