// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.CleanedHost;
import io.cloacina.guard.agent.hosts.NativeHost;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The private copies: siblings of native libraries, what killed JVMs leave, and directories that cannot hold them. */
class SnapshotsIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private static final String MARK = "private copies of cloacina-guard in ";

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Packages packages = fixture.packages();
    private final Path pins = fixture.file("pins");

    private GuardedJvm enforcing(Jdk jdk) throws Exception {
        return fixture.enforcing(jdk).set("cloacina.pin_directory", pins);
    }

    private List<Path> pinned() throws Exception {
        try (Stream<Path> files = Files.list(pins)) {
            return files.toList();
        }
    }

    private int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(fixture.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    private Path library(String name, String source, String... options) throws Exception {
        assumeTrue(
                Stream.of("/usr/bin/cc", "/usr/local/bin/cc").anyMatch(cc -> Files.isExecutable(Path.of(cc))),
                "there is no C compiler");
        Path c = Files.writeString(fixture.file(name + ".c"), source);
        Path library = fixture.file("lib" + name + ".so");
        List<String> command = new java.util.ArrayList<>(
                List.of("cc", "-shared", "-fPIC", "-o", library.toString(), c.toString(), "-L" + fixture.directory()));
        command.addAll(List.of(options));
        assertEquals(0, run(command.toArray(new String[0])));
        return library;
    }

    @EachJdk
    void library_thatNeedsASiblingInItsDirectory_loadsWhenBothAreSigned(Jdk jdk) throws Exception {
        Path sibling = library("sibling", "int answer(void) { return 42; }");
        Path library = library(
                "needy",
                "int answer(void); int JNI_OnLoad(void *vm, void *r) { return answer() == 42 ? 0x00010006 : 0; }",
                "-lsibling",
                "-Wl,-rpath,$ORIGIN");
        packages.sign(library);

        Result refused = enforcing(jdk).run(NativeHost.class, library);
        assertTrue(refused.out().startsWith("REFUSED PackageRefusedException"), refused::toString);
        refused.events("package.load.failure").get(0).assertMentions("package_path", sibling);

        packages.sign(sibling);
        Result loaded = enforcing(jdk).run(NativeHost.class, library);
        assertEquals("LOADED\n", loaded.out(), loaded::toString);
        assertEquals(2, loaded.events("package.load.success").size(), loaded::toString);
    }

    @EachJdk
    void copiesOfAKilledJvm_areRemovedByTheNext_thoseOfALivingOneStay(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", fixture.file("marker"), "good"));
        try (Running living = enforcing(jdk).start(RetryHost.class, Packages.PLUGIN)) {
            living.expect("READY");
            Path its = pinned().get(0);
            Running killed = enforcing(jdk).start(RetryHost.class, Packages.PLUGIN);
            killed.expect("READY");
            killed.send(jar.toString());
            killed.expect("LOADED");
            killed.kill();
            assertEquals(2, pinned().size());
            // Killed before it had a lock: too young to tell from one that is just being made, and old enough.
            Path young = Files.createDirectory(its.resolveSibling("cloacina-guard-1"));
            Path old = Files.createDirectory(its.resolveSibling("cloacina-guard-2"), OWNER_ONLY);
            Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(2 * 3600)));

            Result next = enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar);

            assertTrue(next.out().startsWith("LOADED 1"), next::toString);
            assertFalse(Files.exists(old), "left over");
            Files.delete(young);
            assertEquals(List.of(its), pinned(), "its own went when it ended, the killed one's by it");
            living.send(jar.toString());
            living.expect("LOADED");
        }
        assertEquals(List.of(), pinned());
    }

    @EachJdk
    void directory_thatIsNamedLikeThoseOfTheGuard_isNotRemoved(Jdk jdk) throws Exception {
        Files.createDirectories(pins);
        for (String name : List.of("cloacina-guard-backup", "cloacina-guard-1", "cloacina-guard-2")) {
            Path own = Files.createDirectory(pins.resolve(name), OWNER_ONLY);
            // A lock file of somebody's, and one that was copied from a directory of the guard's.
            Files.writeString(own.resolve("lock"), name.endsWith("1") ? "" : MARK + "cloacina-guard-3\n");
            Files.setLastModifiedTime(own, FileTime.from(Instant.EPOCH));
        }
        Path jar = packages.sign(packages.jar("plugin.jar", fixture.file("marker"), "good"));

        Result result = enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar);

        assertTrue(result.out().startsWith("LOADED 1"), result::toString);
        assertEquals(3, pinned().size());
    }

    @EachJdk
    void copies_ofWhatWasVerified_areReadOnly(Jdk jdk) throws Exception {
        Path classes = packages.sign(packages.classes("plugin", fixture.file("marker"), "good"));
        Path jar = packages.sign(packages.jar("plugin.jar", fixture.file("marker"), "good"));
        // The self-test, whose files are not read-only, has ended before main.
        try (Running host =
                enforcing(jdk).agentArguments("verify").start(CleanedHost.class, Packages.PLUGIN, classes, jar)) {
            host.expect("LOADED");
            host.expect("LOADED");

            try (Stream<Path> all = Files.walk(pins)) {
                List<Path> writable = all.filter(
                                path -> !path.equals(pins) && !path.endsWith("lock") && !isReadOnly(path))
                        .toList();
                assertEquals(List.of(), writable);
            }
        }
    }

    private static boolean isReadOnly(Path path) {
        try {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
            return mode.equals(Files.isDirectory(path) ? "r-x------" : "r--------");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @EachJdk
    void copies_thatACleanerRemoved_areMadeAgain(Jdk jdk) throws Exception {
        Path classes = packages.classes("plugin", fixture.file("marker"), "good");
        Files.writeString(classes.resolve("late"), "late");
        packages.sign(classes);
        Path jar = Packages.zip(classes, fixture.file("plugin.jar"));
        packages.sign(jar);
        // Verified before main, so that nothing of the self-test comes and goes beside the cleaner.
        try (Running host =
                enforcing(jdk).agentArguments("verify").start(CleanedHost.class, Packages.PLUGIN, classes, jar)) {
            host.expect("LOADED");
            host.expect("LOADED");
            assertEquals(0, run("find", pins.toString(), "-mindepth", "1", "-delete"));
            host.send("");
            for (int i = 0; i < 2; i++) {
                host.expect("RESOURCE late");
                host.expect("LOADED");
            }
            // Once more, of a directory that only some files were taken from.
            awaitFileTimeAfter(System.currentTimeMillis());
            assertEquals(0, run("find", pins.toString(), "-type", "f", "-name", "late", "-delete"));
            host.send("");
            for (int i = 0; i < 2; i++) {
                host.expect("RESOURCE late");
                host.expect("LOADED");
            }
        }
        assertEquals(List.of(), pinned());
    }

    /** A JAR is still open, and holds what its copy had; of a directory nothing is left. */
    @EachJdk
    void copies_thatACleanerRemoved_afterTheirOriginalsChanged_areMadeAgainOrRecorded(Jdk jdk) throws Exception {
        Path classes = packages.classes("plugin", fixture.file("marker"), "good");
        Files.writeString(classes.resolve("late"), "late");
        packages.sign(classes);
        Path jar = Packages.zip(classes, fixture.file("plugin.jar"));
        packages.sign(jar);
        try (Running host =
                enforcing(jdk).agentArguments("verify").start(CleanedHost.class, Packages.PLUGIN, classes, jar)) {
            host.expect("LOADED");
            host.expect("LOADED");
            Files.writeString(classes.resolve("late"), "other");
            Files.writeString(jar, "other", StandardOpenOption.APPEND);
            assertEquals(0, run("find", pins.toString(), "-mindepth", "1", "-delete"));
            for (int i = 0; i < 2; i++) {
                host.send("");
                host.expect("RESOURCE none");
                host.expect("ABSENT");
                host.expect("RESOURCE late");
                host.expect("ABSENT");
            }
        }
        List<LoggedEvent> events = fixture.events("guard.degraded");
        assertEquals(1, events.size(), events::toString);
        events.get(0)
                .assertMentions("what", "the private copy of [" + classes + "]")
                .assertMentions("why", "the original has been changed since it was verified");
    }

    /** The cleaner and whoever changes the original take the same file: the copy's directory tells. */
    @EachJdk
    void copies_thatLackAFileWhichTheOriginalLacksToo_areRecorded(Jdk jdk) throws Exception {
        Path classes = packages.classes("plugin", fixture.file("marker"), "good");
        Files.writeString(classes.resolve("late"), "late");
        packages.sign(classes);
        try (Running host =
                enforcing(jdk).agentArguments("verify").start(CleanedHost.class, Packages.PLUGIN, classes)) {
            host.expect("LOADED");
            awaitFileTimeAfter(System.currentTimeMillis());
            Files.delete(classes.resolve("late"));
            assertEquals(0, run("find", pins.toString(), "-type", "f", "-name", "late", "-delete"));
            host.send("");
            host.expect("RESOURCE none");
            host.expect("ABSENT");
        }
        assertTrue(
                Files.readString(fixture.file("events.jsonl")).contains("the private copy of [" + classes + "]"),
                () -> "nothing was recorded");
    }

    /** File systems count in ticks of some milliseconds: what is removed now may bear a time before {@code millis}. */
    private void awaitFileTimeAfter(long millis) throws IOException {
        Path tick = fixture.file("tick");
        do {
            Files.deleteIfExists(tick);
            Files.createFile(tick);
        } while (Files.getLastModifiedTime(tick).toMillis() <= millis);
    }

    /** What an original gains later was never in the copy. */
    @EachJdk
    void copy_whoseOriginalGainsAFile_isNotTakenForCleaned(Jdk jdk) throws Exception {
        Path classes = packages.sign(packages.classes("plugin", fixture.file("marker"), "good"));
        try (Running host =
                enforcing(jdk).agentArguments("verify").start(CleanedHost.class, Packages.PLUGIN, classes)) {
            host.expect("LOADED");
            Files.writeString(classes.resolve("late"), "late");
            host.send("");
            host.expect("RESOURCE none");
            host.expect("ABSENT");
        }
        assertFalse(Files.readString(fixture.file("events.jsonl")).contains("guard.degraded"));
    }

    @EachJdk
    void directory_thatWasAbsent_staysSoWhateverLiesAmongTheCopies(Jdk jdk) throws Exception {
        Path absent = fixture.file("absent");
        Path evil = packages.classes("evil", fixture.file("marker"), "evil");
        Path jar = packages.sign(Packages.zip(fixture.newDirectory("none"), fixture.file("a.jar")));
        try (Running host = enforcing(jdk).start(CleanedHost.class, Packages.PLUGIN, absent, jar)) {
            host.expect("ABSENT");
            host.expect("ABSENT");
            assertEquals(0, run("sh", "-c", "for d in pins/*; do cp -r evil $d/absent; done; cp -r evil absent"));
            host.send("");
            host.expect("RESOURCE none");
            host.expect("ABSENT");
        }
        assertTrue(Files.exists(evil));
        assertFalse(Files.exists(fixture.file("marker")));
    }

    @EachJdk
    void package_thatIsLargerThanAllowed_isRefusedBeforeItIsRead(Jdk jdk) throws Exception {
        Path jar = fixture.file("large.jar");
        try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "rw")) {
            // An archive without entries, at the end of a hole.
            file.seek(1L << 40);
            file.write("PK\5\6".getBytes(StandardCharsets.ISO_8859_1));
            file.write(new byte[18]);
        }
        Result result =
                enforcing(jdk).set("cloacina.max_package_size", "100MB").run(UrlHost.class, Packages.PLUGIN, jar);

        LoggedEvent event = result.events("package.load.failure").get(0);
        event.assertHas("failure_reason", "unreadable_package").assertMentions("error", "cloacina.max_package_size");
    }

    @EachJdk
    void snapshotDirectory_thatForbidsExecution_refusesNativesWithTheReason(Jdk jdk) throws Exception {
        Files.createDirectories(pins);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "noexec,size=2m", "tmpfs", pins.toString()) == 0,
                "no file system can be mounted here");
        try {
            Path library = packages.sign(Files.write(fixture.file("libany.so"), new byte[] {1}));
            Result result = enforcing(jdk).run(NativeHost.class, library);

            assertTrue(result.out().contains("noexec; set cloacina.pin_directory"), result::toString);
            assertEquals(1, result.events("package.load.failure").size(), result::toString);
        } finally {
            assertEquals(0, run("umount", pins.toString()));
        }
    }

    @EachJdk
    void snapshotDirectory_thatIsFull_refusesWithTheReason(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", fixture.file("marker"), "good");
        byte[] large = new byte[3 << 20];
        new java.util.Random(1).nextBytes(large);
        Path classes = fixture.file("plugin.jar-classes");
        Files.write(classes.resolve("large"), large);
        packages.sign(Packages.zip(classes, jar));
        Files.createDirectories(pins);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", pins.toString()) == 0,
                "no file system can be mounted here");
        try {
            Result result = enforcing(jdk).run(UrlHost.class, Packages.PLUGIN, jar);

            assertFalse(Files.exists(fixture.file("marker")), result::toString);
            LoggedEvent event = result.events("package.load.failure").get(0);
            event.assertHas("failure_reason", "unreadable_package")
                    .assertMentions("error", "private copy cannot be written");
        } finally {
            assertEquals(0, run("umount", pins.toString()));
        }
    }
}
