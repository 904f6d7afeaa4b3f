// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.PackageHash;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Map<String, Object> key;
    private Path jar;

    @BeforeEach
    void openShellWithATrustedKey() throws Exception {
        key = shell.createTrustedKey("release");
        jar = shell.file("packages/a.jar", "jar");
    }

    @Test
    void sign_file_writesSigStoresAndRecords() throws Exception {
        Map<String, Object> signed =
                shell.run("sign", jar, "--key", "release", "--json").with(0).json();

        assertEquals(
                List.of("package_path", "package_hash", "key_fingerprint", "signature_file", "stored", "changed"),
                List.copyOf(signed.keySet()));
        assertEquals(jar.toString(), signed.get("package_path"));
        assertEquals(PackageHash.ofContent(Files.readAllBytes(jar)).hex(), signed.get("package_hash"));
        assertEquals(key.get("key_fingerprint"), signed.get("key_fingerprint"));
        assertEquals(jar + ".sig", signed.get("signature_file"));
        assertEquals(true, signed.get("stored"));
        Map<String, Object> sig =
                Shell.json(Files.readString(Path.of(jar + ".sig")).strip());
        assertEquals(
                List.of("version", "algorithm", "package_hash", "key_fingerprint", "signature", "signed_at"),
                List.copyOf(sig.keySet()));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("package.signed", event.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "key_fingerprint"),
                List.copyOf(event.keySet()).subList(4, event.size()));
        assertEquals(jar.toString(), event.get("package_path"));
        shell.run("verify", jar, "--source", "database").with(0);
        shell.run("verify", jar, "--source", "detached").with(0);
    }

    @Test
    void sign_file_printsOneLineOnStandardOutputAndNothingElse() {
        Done done = shell.run("sign", jar, "--key", "release").with(0);

        assertEquals(1, done.lines().size());
        assertEquals("", done.err());
    }

    @Test
    void sign_again_leavesTheSigAsItIs() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        byte[] first = Files.readAllBytes(Path.of(jar + ".sig"));
        var changed = Files.getLastModifiedTime(Path.of(jar + ".sig"));
        shell.now = shell.now.plusSeconds(60);

        shell.run("sign", jar, "--key", "release").with(0);

        assertArrayEquals(first, Files.readAllBytes(Path.of(jar + ".sig")));
        assertEquals(changed, Files.getLastModifiedTime(Path.of(jar + ".sig")));
        assertEquals(1L, shell.run("store", "status", "--json").json().get("package_signatures"));
    }

    @Test
    void sign_overForeignOrDamagedSig_leavesItAlone_andForceReplacesIt() throws Exception {
        Path sig = shell.file("packages/a.jar.sig", "{");
        long stored = (long) shell.run("store", "status", "--json").json().get("package_signatures");

        Map<String, Object> refused =
                shell.run("sign", jar, "--key", "release", "--json").with(1).json();

        assertEquals("foreign_signature", refused.get("error"));
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
        assertEquals("{", Files.readString(sig));
        assertEquals(stored, shell.run("store", "status", "--json").json().get("package_signatures"));
        try (var files = Files.list(sig.getParent())) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
        shell.run("sign", jar, "--key", "release", "--force").with(0);

        shell.run("verify", jar, "--source", "detached").with(0);
        assertTrue(Files.size(sig) > 100);
    }

    @Test
    void sign_noDetached_writesNoFile() {
        Map<String, Object> signed = shell.run("sign", jar, "--key", "release", "--no-detached", "--json")
                .with(0)
                .json();

        assertEquals(null, signed.get("signature_file"));
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        shell.run("verify", jar).with(0);
    }

    @Test
    void sign_noStore_storesNothing() {
        assertEquals(
                false,
                shell.run("sign", jar, "--key", "release", "--no-store", "--json")
                        .with(0)
                        .json()
                        .get("stored"));

        shell.run("verify", jar, "--source", "database").with(1);
        shell.run("verify", jar).with(0);
    }

    @Test
    void sign_offline_needsNoStoreAndNoOrganisation() throws Exception {
        Path secret = home.resolve("secret.pem");
        Path pem =
                shell.file("release.pem", shell.run("key", "export", "release").out());
        shell.run("key", "export", "release", "--private", "--out", secret).with(0);
        Files.delete(home.resolve(".cloacina/trust.db"));
        shell.variables.clear();

        Map<String, Object> signed = shell.run("sign", jar, "--private-key", secret, "--json")
                .with(0)
                .json();

        assertEquals(false, signed.get("stored"));
        assertEquals(key.get("key_fingerprint"), signed.get("key_fingerprint"));
        assertEquals(null, shell.lastEvent().get("org_id"));
        shell.run("verify", jar, "--public-key", pem).with(0);
        assertFalse(Files.exists(home.resolve(".cloacina/trust.db")));
    }

    @Test
    void sign_offlineWithBadKeyFile_isToldApart() throws Exception {
        Path publicPem =
                shell.file("release.pem", shell.run("key", "export", "release").out());

        assertEquals(
                "malformed_key",
                shell.run("sign", jar, "--private-key", publicPem, "--json")
                        .with(2)
                        .json()
                        .get("error"));
        shell.run("sign", jar, "--private-key", home.resolve("nope")).with(3);
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
    }

    @Test
    void sign_contradictions_areUsageErrors() {
        shell.run("sign", "--key", "release").with(2);
        shell.run("sign", jar).with(2);
        shell.run("sign", jar, "--key", "release", "--private-key", "x").with(2);
        shell.run("sign", jar, "--key", "release", "--no-store", "--no-detached")
                .with(2);
        shell.run("sign", jar, "--private-key", "x", "--no-detached").with(2);
        assertFalse(Files.exists(Path.of(jar + ".sig")));
    }

    @Test
    void sign_link_signsWhatItPointsToBesideTheLink() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("link.jar"), jar);

        shell.run("sign", link, "--key", "release", "--no-store").with(0);

        assertTrue(Files.exists(home.resolve("link.jar.sig")));
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        shell.run("verify", link).with(0);
    }

    @Test
    void sign_severalFilesOneMissing_doesAllAndIsTrouble() throws Exception {
        Path other = shell.file("packages/b.jar", "b");

        Done done = shell.run("sign", jar, home.resolve("nope.jar"), other, "--key", "release", "--json")
                .with(3);

        assertEquals(
                List.of(true, false, true),
                done.jsons().stream().map(one -> one.get("stored")).toList());
        assertEquals("unreadable_package", done.jsons().get(1).get("error"));
        shell.run("verify", jar, other).with(0);
        Map<String, Object> event = shell.events().get(shell.events().size() - 4);
        assertEquals("package.sign.failure", event.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "key_fingerprint", "error"),
                List.copyOf(event.keySet()).subList(4, event.size()));
    }

    @Test
    void sign_fifoDeviceOrDanglingLink_isTroubleAndDoesNotHang() throws Exception {
        Path fifo = home.resolve("fifo.jar");
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0);
        Path dangling = Files.createSymbolicLink(home.resolve("d.jar"), home.resolve("nope"));

        for (Path path : List.of(fifo, Path.of("/dev/zero"), Path.of("/proc/self/mem"), dangling)) {
            Done done = shell.run("sign", path, "--key", "release", "--json").with(3);
            assertEquals("unreadable_package", done.json().get("error"), path.toString());
        }
    }

    @Test
    void sign_unreadableFile_isTrouble() throws Exception {
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(jar), "this user may read everything");

        shell.run("sign", jar, "--key", "release").with(3);
    }

    @Test
    void sign_sigThatCannotBeWritten_isTroubleAndLeavesNothingBehind() throws Exception {
        Files.createDirectories(Path.of(jar + ".sig"));

        Map<String, Object> failed =
                shell.run("sign", jar, "--key", "release", "--json").with(3).json();

        assertEquals("unwritable_signature", failed.get("error"));
        try (Stream<Path> left = Files.list(jar.getParent())) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void sign_nameTooLongForASig_isTrouble() throws Exception {
        Path longName = shell.file("packages/" + "x".repeat(250) + ".jar", "jar");

        shell.run("sign", longName, "--key", "release", "--no-detached").with(0);
        assertEquals(
                "unwritable_signature",
                shell.run("sign", longName, "--key", "release", "--json")
                        .with(3)
                        .json()
                        .get("error"));
    }

    @Test
    void sign_oddNames_areSignedAndSteerNoTerminal() throws Exception {
        Path odd = shell.file("packages/\u001b[31mred\n'quoted\" ; DROP TABLE x; --.jar", "odd");

        Done done = shell.run("sign", odd, "--key", "release").with(0);

        assertFalse(done.out().contains("\u001b"), done.out());
        assertEquals(1, done.lines().size());
        assertTrue(done.out().contains("\\u001b[31mred\\u000a'quoted\""), done.out());
        Done verified = shell.run("verify", odd).with(0);
        assertFalse(verified.out().contains("\u001b"), verified.out());
        assertEquals(odd.toString(), shell.run("verify", odd, "--json").json().get("package_path"));
        assertTrue(shell.events().stream().anyMatch(event -> odd.toString().equals(event.get("package_path"))));
    }

    @Test
    void sign_fileNamedAtSign_isAFile() throws Exception {
        shell.run("sign", shell.file("@a.jar", "x"), "--key", "release").with(0);
    }

    @Test
    void sign_wrongKekUnknownKeyNoKek_areUsageErrorsAndRecorded() throws Exception {
        Path kek = shell.kekFile("other");
        assertEquals(
                "wrong_kek",
                shell.run("sign", jar, "--key", "release", "--kek-file", kek, "--json")
                        .with(2)
                        .json()
                        .get("error"));
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
        assertEquals(jar.toString(), shell.lastEvent().get("package_path"));
        assertEquals(
                "unknown_key",
                shell.run("sign", jar, "--key", "nope", "--json").with(2).json().get("error"));
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");
        assertEquals(
                "no_kek",
                shell.run("sign", jar, "--key", "release", "--json")
                        .with(2)
                        .json()
                        .get("error"));
    }

    @Test
    void sign_eventsThatCannotBeWritten_isTroubleBeforeAnythingIsDone() {
        Done done = shell.run("sign", jar, "--key", "release", "--audit", "file:" + home.resolve("no/such"), "--json")
                .with(3);

        assertEquals("audit_unavailable", done.json().get("error"));
        assertFalse(Files.exists(Path.of(jar + ".sig")));
    }

    @Test
    void sign_largePackageOnATerminal_showsABarAndElsewhereNone() throws Exception {
        Path large = home.resolve("large.jar");
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(ProgressBar.WORTH_BYTES);
        }
        assertEquals("", shell.run("sign", large, "--key", "release").with(0).err());
        shell.terminal = true;
        Done done = shell.run("sign", large, "--key", "release").with(0);

        assertTrue(done.err().contains("100 %"), done.err());
        assertTrue(done.err().endsWith("\u001b[K"), "the bar is gone at the end");
        assertEquals("", shell.run("sign", jar, "--key", "release").with(0).err());
        assertEquals(1, done.lines().size());
    }

    @Test
    void sign_emptyName_isUsageErrorAndNotTheCurrentDirectory() {
        assertEquals(
                "malformed_path",
                shell.run("sign", "", "--key", "release", "--json")
                        .with(2)
                        .json()
                        .get("error"));
        shell.run("sign", "--tree", "", "--key", "release").with(2);
        shell.run("verify", "").with(2);
        shell.run("key", "export", "release", "--out", "").with(2);
    }
}
