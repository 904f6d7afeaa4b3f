// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeSnapshotTest {

    /** As the user's guide gives it. */
    private static final String COREUTILS =
            "find . -type f ! \\( -name '*?.sig' -exec sh -c 'test -f \"${1%.sig}\"' sh {} \\; \\) -printf '%P\\0'"
                    + " | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum";

    @TempDir
    Path folder;

    private Path tree;

    @BeforeEach
    void makeTree() throws Exception {
        tree = Files.createDirectory(folder.resolve("tree"));
    }

    private String bash(String command) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", command)
                .directory(tree.toFile())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out;
    }

    private PackageHash coreutils() throws Exception {
        return new PackageHash(bash(COREUTILS).substring(0, 64));
    }

    private void write(String name, String content) throws Exception {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void hash_manyFiles_isThatOfCoreutils() throws Exception {
        Random random = new Random(1);
        String letters = "aZ0-_. +%~\"'$&;";
        for (int i = 0; i < 200; i++) {
            StringBuilder name = new StringBuilder("d" + random.nextInt(3));
            for (int depth = random.nextInt(3); depth >= 0; depth--) {
                name.append("/x");
                for (int n = random.nextInt(5); n >= 0; n--) {
                    name.append(letters.charAt(random.nextInt(letters.length())));
                }
            }
            if (!Files.exists(tree.resolve(name.toString()))) {
                try {
                    write(name.toString(), "content " + i);
                } catch (java.nio.file.FileSystemException e) {
                    // A file stands where this one would need a directory.
                    assertTrue(Files.exists(tree));
                }
            }
        }

        assertEquals(coreutils(), TreeSnapshot.hash(tree));
    }

    @Test
    void hash_namesThatThisJvmCannotSpell_isThatOfCoreutilsOrRefused() throws Exception {
        bash(
                "mkdir $'\\xff'; echo a > $'\\xff/\\xfe'; echo b > $'\\xc3\\xbc'; echo c > $'\\xe9\\x8d\\xb5'; echo d > z");

        PackageHash expected = coreutils();
        try {
            assertEquals(expected, TreeSnapshot.hash(tree));
        } catch (UnreadablePackageException e) {
            assertTrue(e.getMessage().contains("cannot be read"), e.getMessage());
        }
    }

    @Test
    void hash_namesBeyondAscii_isThatOfCoreutils() throws Exception {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this JVM cannot spell them");
        for (String name : new String[] {"ü", "鍵", "𝄞", "z", "\uffff"}) {
            write(name, name);
        }

        assertEquals(coreutils(), TreeSnapshot.hash(tree));
    }

    @Test
    void hash_orderOfSeparatorsAndPrefixes_isByBytes() throws Exception {
        for (String name : new String[] {"a/b", "a.b", "a b", "a0", "ab/c", "A", "a-", "aa"}) {
            write(name, name);
        }

        assertEquals(coreutils(), TreeSnapshot.hash(tree));
    }

    @Test
    void hash_emptyDirectoriesAndTimes_doNotCount() throws Exception {
        write("a", "a");
        PackageHash before = TreeSnapshot.hash(tree);
        Files.createDirectories(tree.resolve("empty/inner"));
        Files.setLastModifiedTime(tree.resolve("a"), java.nio.file.attribute.FileTime.fromMillis(0));

        assertEquals(before, TreeSnapshot.hash(tree));
    }

    @Test
    void hash_contentOrNameOrPlace_counts() throws Exception {
        write("a", "a");
        PackageHash first = TreeSnapshot.hash(tree);
        write("a", "b");
        assertFalse(first.equals(TreeSnapshot.hash(tree)));
        Files.delete(tree.resolve("a"));
        write("d/a", "a");
        assertFalse(first.equals(TreeSnapshot.hash(tree)));
        Files.delete(tree.resolve("d/a"));
        write("a", "a");
        assertEquals(first, TreeSnapshot.hash(tree));
    }

    @Test
    void hash_signaturesBesideTheirFiles_doNotCount() throws Exception {
        write("a", "a");
        write("d/b.jar", "b");
        PackageHash before = TreeSnapshot.hash(tree);
        for (String signature : new String[] {"a.sig", "d/b.jar.sig", "d/b.jar.sig.sig"}) {
            write(signature, "signature");
            assertEquals(before, TreeSnapshot.hash(tree), signature);
            assertEquals(coreutils(), TreeSnapshot.hash(tree), signature);
        }
        Path copy = folder.resolve("copy");
        assertEquals(before, TreeSnapshot.copy(tree, copy));
        assertFalse(Files.exists(copy.resolve("a.sig")));
    }

    @Test
    void hash_signatureBesideALink_doesNotCount() throws Exception {
        write("a", "a");
        Files.createSymbolicLink(tree.resolve("b"), Path.of("a"));
        PackageHash before = TreeSnapshot.hash(tree);
        write("b.sig", "signature");
        Files.createSymbolicLink(tree.resolve("a.sig"), folder.resolve("outside"));

        assertEquals(before, TreeSnapshot.hash(tree));
    }

    @Test
    void hash_signatureOfNoFile_counts() throws Exception {
        write("a", "a");
        write("d/x", "x");
        PackageHash before = TreeSnapshot.hash(tree);
        for (String other : new String[] {".sig", "d.sig", "gone.sig", "asig", "a.SIG", "d/a.sig", "e.sig/x"}) {
            write(other, "content");
            PackageHash after = TreeSnapshot.hash(tree);
            assertFalse(before.equals(after), other);
            assertEquals(coreutils(), after, other);
            before = after;
        }
        // A directory is not a signature, whatever it is called.
        write("e", "e");
        assertEquals(coreutils(), TreeSnapshot.hash(tree));
        assertFalse(before.equals(TreeSnapshot.hash(tree)));
    }

    @Test
    void hash_signatureOfANameThatThisJvmCannotSpell_doesNotCount() throws Exception {
        bash("echo a > $'\\xff\\xfe.jar'; echo b > $'\\xff\\xfd.jar.sig'");
        PackageHash before = TreeSnapshot.hash(tree);
        assertEquals(coreutils(), before);
        bash("echo s > $'\\xff\\xfe.jar.sig'");

        assertEquals(before, TreeSnapshot.hash(tree));
    }

    @Test
    void hash_innerLink_countsAsTheFile() throws Exception {
        write("a", "a");
        write("b", "a");
        PackageHash asFile = TreeSnapshot.hash(tree);
        Files.delete(tree.resolve("b"));
        Files.createSymbolicLink(tree.resolve("b"), Path.of("a"));

        assertEquals(asFile, TreeSnapshot.hash(tree));
    }

    @Test
    void hash_refusedForms_areToldFromWhatCannotBeRead() throws Exception {
        write("a", "a");
        Path link = tree.resolve("link");
        for (Path target : new Path[] {Path.of("../outside"), Path.of("/dev/null"), Path.of("nowhere"), Path.of(".")}) {
            Files.writeString(folder.resolve("outside"), "x");
            Files.createSymbolicLink(link, target);
            assertTrue(refusal().isRefusedForm(), target.toString());
            Files.delete(link);
        }
        bash("mkfifo link");
        assertTrue(refusal().isRefusedForm());
        Files.delete(link);
        for (String name : new String[] {"x\ny", "x\ry", "x\\y"}) {
            write(name, "x");
            assertTrue(refusal().isRefusedForm());
            Files.delete(tree.resolve(name));
        }
        assertFalse(assertThrows(UnreadablePackageException.class, () -> TreeSnapshot.hash(tree.resolve("a")))
                .isRefusedForm());
        assertFalse(assertThrows(UnreadablePackageException.class, () -> TreeSnapshot.hash(folder.resolve("nope")))
                .isRefusedForm());
    }

    private UnreadablePackageException refusal() {
        return assertThrows(UnreadablePackageException.class, () -> TreeSnapshot.hash(tree));
    }

    @Test
    void copy_tree_hasTheSameHashAndContent() throws Exception {
        write("a/b/c", "c");
        write("d", "d");
        Files.createSymbolicLink(tree.resolve("e"), Path.of("d"));
        Path copy = folder.resolve("copy");

        assertEquals(TreeSnapshot.hash(tree), TreeSnapshot.copy(tree, copy));

        assertEquals(TreeSnapshot.hash(tree), TreeSnapshot.hash(copy));
        assertFalse(Files.isSymbolicLink(copy.resolve("e")));
        assertEquals("c", Files.readString(copy.resolve("a/b/c")));
    }

    @Test
    void hash_progress_isTheSizeOfAllFiles() throws Exception {
        write("a", "12345");
        write("b", "123");
        long[] read = {0};

        TreeSnapshot.hash(tree, n -> read[0] += n);

        assertEquals(8, read[0]);
    }

    @Test
    void snapshot_file_isHashedAndCopiedInOnePass() throws Exception {
        Path file = Files.write(folder.resolve("f"), new byte[200_000]);
        Path copy = folder.resolve("copy");

        assertEquals(PackageHash.ofContent(new byte[200_000]), PackageSnapshot.copy(file, copy));

        assertEquals(-1, Files.mismatch(file, copy));
        assertEquals(PackageHash.ofContent(new byte[200_000]), PackageSnapshot.hash(file));
    }

    @Test
    void snapshot_whatCannotBeCopied_leavesNoCopy() {
        Path copy = folder.resolve("copy");

        assertThrows(UnreadablePackageException.class, () -> PackageSnapshot.copy(tree, copy));

        assertFalse(Files.exists(copy));
        assertThrows(
                UnreadablePackageException.class,
                () -> PackageSnapshot.copy(Path.of("/dev/null"), folder.resolve("no/such/copy")));
    }

    @Test
    void copy_ofATree_isReadOnly() throws Exception {
        write("a/b", "content");
        Path copy = folder.resolve("copy");

        assertEquals(coreutils(), TreeSnapshot.copy(tree, copy));

        assertEquals("r-x------", mode(copy));
        assertEquals("r-x------", mode(copy.resolve("a")));
        assertEquals("r--------", mode(copy.resolve("a/b")));
        bash("chmod -R u+w ../copy");
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void copy_insideTheTree_doesNotHoldItself() throws Exception {
        write("a", "content");
        PackageHash before = TreeSnapshot.hash(tree);
        Path own = Files.createDirectory(tree.resolve("own"));
        Files.writeString(own.resolve("other"), "of the guard's");

        assertEquals(before, TreeSnapshot.copy(tree, own.resolve("copy")));

        assertFalse(Files.exists(own.resolve("copy/own")));
        bash("chmod -R u+w own");
    }

    @Test
    void copy_deepTree_needsLittleStack() throws Exception {
        bash("d=.; for i in $(seq 1500); do d=$d/a; done; mkdir -p $d; echo x > $d/x");
        Path copy = folder.resolve("copy");
        Object[] outcome = new Object[1];
        Thread small = new Thread(
                null,
                () -> {
                    try {
                        outcome[0] = TreeSnapshot.copy(tree, copy);
                    } catch (Throwable e) {
                        outcome[0] = e;
                    }
                },
                "small",
                256 << 10);
        small.start();
        small.join();

        assertEquals(coreutils(), outcome[0]);
        bash("chmod -R u+w ../copy; rm -r ../copy a");
    }

    @Test
    void copy_largerThanAllowed_isRefusedBeforeItIsRead() throws Exception {
        write("a", "1234");
        write("b", "5678");
        UnreadablePackageException e = assertThrows(
                UnreadablePackageException.class, () -> TreeSnapshot.copy(tree, folder.resolve("copy"), 7));

        assertTrue(e.getMessage().contains("8 bytes, more than the 7"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("copy")));
    }
}
