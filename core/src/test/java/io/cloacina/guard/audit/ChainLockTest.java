// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainLockTest {

    private static final long NO_WAIT = System.nanoTime();

    @TempDir
    Path folder;

    private Path record() throws IOException {
        Path record = folder.resolve("events.jsonl");
        if (!Files.exists(record)) {
            Files.createFile(record);
            Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-rw----"));
        }
        return record;
    }

    private static FileChannel open(Path record) throws IOException {
        return FileChannel.open(record, StandardOpenOption.WRITE);
    }

    /** Another process that takes the lock if it is free. */
    static final class Locking {
        private Locking() {}

        public static void main(String[] arguments) throws IOException {
            Path record = Path.of(arguments[0]);
            try (FileChannel channel = open(record)) {
                new ChainLock(record).acquire(channel, System.nanoTime());
                System.out.print("free");
            } catch (IOException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    private String askOtherProcess() throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Locking.class.getName(),
                        record().toString()))
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void lock_applicationOpensAndClosesTheRecord_isKept() throws Exception {
        ChainLock lock = new ChainLock(record());
        try (FileChannel channel = open(record())) {
            lock.acquire(channel, NO_WAIT);
            Files.readAllBytes(record());
            assertEquals("[" + record() + "] has been locked by another program for too long", askOtherProcess());
            lock.release();
            assertEquals("free", askOtherProcess());
        }
    }

    @Test
    void lock_anotherLogOfTheProcessCloses_isKept() throws Exception {
        ChainLock lock = new ChainLock(record());
        AuditLog other =
                AuditLog.open(Clock.systemUTC(), List.of("file:" + record()), AuditSettings.DEFAULT, null, null, false);
        other.record(AuditEvent.of("x", null));
        try (FileChannel channel = open(record())) {
            lock.acquire(channel, NO_WAIT);
            other.close();
            assertEquals("[" + record() + "] has been locked by another program for too long", askOtherProcess());
            lock.release();
        }
    }

    @Test
    void lock_heldByAnotherLogOfTheProcess_isWaitedFor() throws Exception {
        ChainLock one = new ChainLock(record());
        ChainLock two = new ChainLock(record());
        try (FileChannel first = open(record());
                FileChannel second = open(record())) {
            one.acquire(first, NO_WAIT);
            assertThrows(IOException.class, () -> two.acquire(second, NO_WAIT));
            one.release();
            two.acquire(second, NO_WAIT);
            two.release();
        }
    }

    @Test
    void lock_stoppedThreadHeldIt_isFreeOnceAbandoned() throws Exception {
        ChainLock stopped = new ChainLock(record());
        try (FileChannel channel = open(record())) {
            stopped.acquire(channel, NO_WAIT);
            stopped.abandon();
        }
        try (FileChannel channel = open(record())) {
            stopped.acquire(channel, NO_WAIT);
            stopped.release();
        }
        assertEquals("free", askOtherProcess());
    }

    @Test
    void lockFile_isHidden_empty_andHasTheModeOfTheRecord() throws Exception {
        ChainLock lock = new ChainLock(record());
        try (FileChannel channel = open(record())) {
            lock.acquire(channel, NO_WAIT);
            lock.release();
        }
        Path lockFile = folder.resolve(".events.jsonl.lock");
        assertEquals(0, Files.size(lockFile));
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(lockFile)));
    }
}
