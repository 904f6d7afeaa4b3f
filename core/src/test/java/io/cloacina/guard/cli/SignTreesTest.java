// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.PackageHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sign} of directories, of trees and of what lies inside archives. */
class SignTreesTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Path jar;

    @BeforeEach
    void openShellWithATrustedKey() throws Exception {
        shell.createTrustedKey("release");
        jar = shell.file("packages/a.jar", "jar");
    }

    @Test
    void sign_directory_signsEveryJarAndSoHoweverDeep() throws Exception {
        shell.file("packages/deep/er/b.so", "so");
        shell.file("packages/deep/c.txt", "txt");
        Files.createSymbolicLink(home.resolve("packages/link.jar"), jar);
        Files.createSymbolicLink(home.resolve("packages/loop"), home.resolve("packages"));

        List<Map<String, Object>> signed = shell.run("sign", home.resolve("packages"), "--key", "release", "--json")
                .with(0)
                .jsons();

        assertEquals(
                List.of("packages/a.jar", "packages/deep/er/b.so", "packages/link.jar"),
                signed.stream()
                        .map(one -> home.relativize(Path.of((String) one.get("package_path")))
                                .toString())
                        .toList());
    }

    @Test
    void sign_directoryWithoutPackages_isRefused() throws Exception {
        Path directory = Files.createDirectory(home.resolve("empty"));

        Map<String, Object> refused = shell.run("sign", directory, "--key", "release", "--json")
                .with(1)
                .json();

        assertEquals("nothing_to_sign", refused.get("error"));
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
    }

    @Test
    void sign_tree_hasTheHashOfCoreutils() throws Exception {
        Path tree = home.resolve("tree");
        shell.file("tree/b/x.class", "x");
        shell.file("tree/a.class", "a");

        Map<String, Object> signed = shell.run("sign", "--tree", tree, "--key", "release", "--json")
                .with(0)
                .json();

        assertEquals(home.resolve("tree.sig").toString(), signed.get("signature_file"));
        assertEquals(
                coreutils(
                        tree, "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum"),
                signed.get("package_hash"));
        assertEquals(
                true,
                shell.run("verify", "--tree", tree, "--json").with(0).json().get("verified"));
        shell.file("tree/a.class", "b");
        assertEquals(
                "tampered_package",
                shell.run("verify", "--tree", tree, "--json").with(1).json().get("failure_reason"));
    }

    @Test
    void sign_membersAndTree_inAnyOrder() throws Exception {
        Path tree = home.resolve("tree");
        shell.file("tree/lib/a.jar", "a");
        shell.file("tree/b.so", "b");
        shell.run("sign", "--tree", tree, "--key", "release").with(0);
        Object hash =
                shell.run("verify", "--tree", tree, "--json").with(0).json().get("package_hash");

        shell.run("sign", tree, "--key", "release").with(0);
        assertTrue(Files.exists(tree.resolve("lib/a.jar.sig")));
        assertEquals(
                hash,
                shell.run("verify", "--tree", tree, "--json").with(0).json().get("package_hash"));

        Files.delete(tree.resolve("lib/a.jar.sig"));
        Files.delete(tree.resolve("b.so.sig"));
        // All at once, however often: no part of the tree comes and goes.
        for (int i = 0; i < 20; i++) {
            Files.deleteIfExists(tree.resolve("b.so.sig"));
            shell.run("sign", "--tree", tree, tree, "--key", "release").with(0);
        }
        assertEquals(
                hash,
                shell.run("sign", "--tree", tree, "--key", "release", "--json")
                        .with(0)
                        .json()
                        .get("package_hash"));
        shell.run("verify", tree.resolve("lib/a.jar"), tree.resolve("b.so")).with(0);
        shell.file("tree/other.sig", "of no file");
        shell.run("verify", "--tree", tree).with(1);
    }

    private static byte[] zip(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndContents[i]));
                Object content = namesAndContents[i + 1];
                zip.write(content instanceof byte[] raw ? raw : ((String) content).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static void unzip(Path archive, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = target.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.getInputStream(entry).readAllBytes());
            }
        }
    }

    @Test
    void sign_nested_storesSignaturesOfWhatHostsExtract() throws Exception {
        byte[] inner = zip("p/A.class", "a", "native/libx.so", "so", "deep.jar", zip("p/B.class", "b"));
        byte[] war = zip(
                "index.jsp", "page",
                "WEB-INF/lib/a.jar", inner,
                "WEB-INF/classes/p/C.class", "c",
                "WEB-INF/classes/d-e.txt", "text",
                "WEB-INF/classes/d-e.txt.sig", "of that",
                "WEB-INF/classes/d/f.txt", "more");
        Path ear = Files.write(
                home.resolve("shop.ear"), zip("web.war", war, "BOOT-INF/classes/X.class", "x", "lib/empty.jar", ""));

        List<Map<String, Object>> items = shell.run("sign", "--nested", ear, "--key", "release", "--json")
                .with(0)
                .jsons();

        assertEquals(
                List.of(
                        "shop.ear",
                        "shop.ear!/web.war",
                        "shop.ear!/web.war!/WEB-INF/lib/a.jar",
                        "shop.ear!/web.war!/WEB-INF/lib/a.jar!/native/libx.so",
                        "shop.ear!/web.war!/WEB-INF/lib/a.jar!/deep.jar",
                        "shop.ear!/web.war!/WEB-INF/classes",
                        "shop.ear!/lib/empty.jar",
                        "shop.ear!/BOOT-INF/classes"),
                items.stream()
                        .map(item -> home.relativize(Path.of((String) item.get("package_path")))
                                .toString())
                        .toList());
        assertEquals(ear + ".sig", items.get(0).get("signature_file"));
        for (Map<String, Object> item : items) {
            assertEquals(
                    List.of("package_path", "package_hash", "key_fingerprint", "signature_file", "stored", "changed"),
                    List.copyOf(item.keySet()));
            assertEquals(true, item.get("stored"));
        }
        assertEquals(null, items.get(1).get("signature_file"));
        assertEquals(PackageHash.ofContent(inner).hex(), items.get(2).get("package_hash"));
        // What another process unpacks verifies by the store.
        Path unpacked = Files.createDirectories(home.resolve("unpacked"));
        Files.write(unpacked.resolve("web.war"), war);
        unzip(unpacked.resolve("web.war"), unpacked);
        shell.run("verify", unpacked.resolve("web.war"), unpacked.resolve("WEB-INF/lib/a.jar"), "--source", "database")
                .with(0);
        shell.run("verify", "--tree", unpacked.resolve("WEB-INF/classes"), "--source", "database")
                .with(0);
        assertEquals(
                8,
                shell.events().stream()
                        .filter(event -> event.get("event_type").equals("package.signed"))
                        .count());

        // The same again changes nothing.
        List<Map<String, Object>> again = shell.run("sign", "--nested", ear, "--key", "release", "--json")
                .with(0)
                .jsons();
        for (int i = 0; i < items.size(); i++) {
            assertEquals(true, again.get(i).get("unchanged"), again::toString);
            assertEquals(items.get(i).get("package_hash"), again.get(i).get("package_hash"));
        }
    }

    /** Java 17 opens such a file, and says so with an IllegalArgumentException when its entries are listed. */
    @Test
    void sign_nestedOfAnArchiveWithACommentThatIsNotText_saysThatItCannotBeRead() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            ZipEntry entry = new ZipEntry("\u00e8.txt");
            entry.setComment("\u00e9");
            zip.putNextEntry(entry);
        }
        // The comment, of two bytes, is the last text before the 22 bytes of the archive's end.
        byte[] archive = bytes.toByteArray();
        archive[archive.length - 24] = (byte) 0xff;
        Path bad = Files.write(home.resolve("bad.war"), archive);

        Done done =
                shell.run("sign", "--nested", bad, "--key", "release", "--json").with(3);

        assertEquals("unreadable_package", done.json().get("error"));
        assertTrue(done.err().contains("cannot be read as an archive"), done.err());
    }

    @Test
    void sign_nestedWithoutAStore_isRefusedAsUsage() throws Exception {
        shell.run("sign", "--nested", jar, "--key", "release", "--no-store").with(2);
        shell.run("sign", "--nested", jar, "--private-key", "k.pem").with(2);
        shell.run("sign", "--nested", "--tree", home, "--key", "release").with(2);
        assertFalse(Files.exists(Path.of(jar + ".sig")));
    }

    @Test
    void sign_nestedOfWhatIsNoArchiveOrRefused_signsNothing() throws Exception {
        assertEquals(
                "unreadable_package",
                shell.run("sign", "--nested", jar, "--key", "release", "--json")
                        .with(3)
                        .json()
                        .get("error"));
        Path bad = Files.write(home.resolve("bad.war"), zip("WEB-INF/classes/a\\b.class", "x"));
        assertEquals(
                "refused_tree",
                shell.run("sign", "--nested", bad, "--key", "release", "--json")
                        .with(1)
                        .json()
                        .get("error"));
        byte[] twice = zip("WEB-INF/classes/a.class", "a", "WEB-INF/classes/b.class", "b");
        Path doubled = Files.write(
                home.resolve("doubled.war"),
                new String(twice, StandardCharsets.ISO_8859_1)
                        .replace("b.class", "a.class")
                        .getBytes(StandardCharsets.ISO_8859_1));
        shell.run("sign", "--nested", doubled, "--key", "release").with(1);
        byte[] deep = zip("a", "a");
        for (int i = 0; i < 5; i++) {
            deep = zip("i.jar", deep);
        }
        Path tooDeep = Files.write(home.resolve("deep.jar"), deep);
        assertTrue(shell.run("sign", "--nested", tooDeep, "--key", "release")
                .with(3)
                .err()
                .contains("more than any host extracts"));
        assertEquals(
                List.of(),
                shell.names().stream().filter(name -> name.endsWith(".sig")).toList());
        Path none = Files.write(home.resolve("none.jar"), zip("p/A.class", "a"));
        assertEquals(
                1,
                shell.run("sign", "--nested", none, "--key", "release", "--json")
                        .with(0)
                        .jsons()
                        .size());
    }

    @Test
    void sign_nestedOfADirectory_looksIntoArchivesOnly_andSignsTheRestAsItIs() throws Exception {
        Path packages = Files.createDirectory(home.resolve("given"));
        byte[] archive = zip("lib/inner.jar", zip("p/A.class", "a"));
        Files.write(packages.resolve("a.war"), archive);
        Files.write(packages.resolve("b.nar"), archive);
        shell.file("given/c.cloacina", "no archive");
        shell.file("given/d.txt", "text");
        shell.file("given/e.so.1", "library");

        List<Map<String, Object>> items = shell.run(
                        "sign", "--nested", packages, "--include", "*", "--key", "release", "--json")
                .with(0)
                .jsons();

        assertEquals(
                List.of(
                        "a.war",
                        "a.war!/lib/inner.jar",
                        "b.nar",
                        "b.nar!/lib/inner.jar",
                        "c.cloacina",
                        "d.txt",
                        "e.so.1"),
                items.stream()
                        .map(item -> packages.relativize(Path.of((String) item.get("package_path")))
                                .toString())
                        .toList());
        shell.run("verify", packages.resolve("c.cloacina")).with(0);
        // What is called an archive and is none is wrong, as it is when it is named.
        shell.file("given/f.jar", "no archive");
        shell.run("sign", "--nested", packages, "--key", "release").with(3);
        assertFalse(Files.exists(packages.resolve("f.jar.sig")));
    }

    @Test
    void sign_treeByDot_namesTheDirectory() throws Exception {
        Path tree = home.resolve("tree");
        shell.file("tree/a.class", "a");

        shell.run("sign", "--tree", tree.resolve("."), "--key", "release").with(0);

        assertTrue(Files.exists(home.resolve("tree.sig")));
        shell.run("verify", "--tree", tree + "/").with(0);
        shell.run("sign", "--tree", "/", "--key", "release").with(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"line\nbreak", "carriage\rreturn", "back\\slash"})
    void sign_treeWithRefusedName_isRefused(String name) throws Exception {
        shell.file("tree/" + name, "a");

        assertEquals(
                "refused_tree",
                shell.run("sign", "--tree", home.resolve("tree"), "--key", "release", "--json")
                        .with(1)
                        .json()
                        .get("error"));
    }

    @Test
    void sign_treeWithLinks_refusesThoseThatLeadOut() throws Exception {
        Path tree = home.resolve("tree");
        shell.file("tree/a.class", "a");
        Path link = tree.resolve("inner");
        Files.createSymbolicLink(link, Path.of("a.class"));
        shell.run("sign", "--tree", tree, "--key", "release").with(0);

        for (Path target : List.of(jar, Path.of("nowhere"), Path.of("/dev/zero"))) {
            Files.delete(link);
            Files.createSymbolicLink(link, target);
            assertEquals(
                    "refused_tree",
                    shell.run("sign", "--tree", tree, "--key", "release", "--json")
                            .with(1)
                            .json()
                            .get("error"),
                    target.toString());
        }
        Files.delete(link);
    }

    @Test
    void sign_treeThatIsNoDirectory_isTrouble() {
        shell.run("sign", "--tree", jar, "--key", "release").with(3);
        shell.run("sign", "--tree", home.resolve("nope"), "--key", "release").with(3);
    }

    @Test
    void sign_largeTreeOnATerminal_showsABar() throws Exception {
        Path large = Files.createDirectory(home.resolve("tree")).resolve("large");
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(ProgressBar.WORTH_BYTES);
        }
        shell.terminal = true;

        assertTrue(shell.run("sign", "--tree", large.getParent(), "--key", "release")
                .with(0)
                .err()
                .contains("50 %"));
    }

    static String coreutils(Path directory, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", command)
                .directory(directory.toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor());
        return out.substring(0, 64);
    }
}
