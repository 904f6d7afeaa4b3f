// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageSignerTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-28T12:00:00.123456789Z"), ZoneOffset.UTC);
    private static final Clock LATER = Clock.offset(NOON, Duration.ofHours(1));

    @TempDir
    Path folder;

    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    private Path file;
    private JdbiStore store;

    @BeforeEach
    void makePackageAndStore() throws Exception {
        file = Files.writeString(folder.resolve("a.jar"), "content");
        store = JdbiStore.create(StoreUrl.ofFile(folder.resolve("t.db")), Duration.ofSeconds(30), NOON);
    }

    @AfterEach
    void close() {
        store.close();
        key.close();
    }

    @Test
    void sign_file_isTheKeysSignatureOfItsHash() throws Exception {
        SignedPackage signed = PackageSigner.writingFiles(key, NOON).sign(file);

        DetachedSignature signature = signed.signature();
        assertEquals(PackageHash.ofContent("content".getBytes()), signature.packageHash());
        assertEquals(key.publicKey().fingerprint(), signature.keyFingerprint());
        assertTrue(key.publicKey().verifies(signature.packageHash().bytes(), signature.signature()));
        assertEquals(Instant.parse("2026-01-28T12:00:00.123456Z"), signature.signedAt());
        assertEquals(folder.resolve("a.jar.sig"), signed.signatureFile());
        assertFalse(signed.stored());
        assertArrayEquals(signature.encode(), Files.readAllBytes(signed.signatureFile()));
    }

    @Test
    void sign_storing_keepsOneRowWithItsFirstDate() throws Exception {
        SignedPackage signed = PackageSigner.storing(key, store, ORG, NOON).sign(file);
        PackageSigner.storing(key, store, ORG, LATER).sign(file);

        assertEquals(null, signed.signatureFile());
        assertTrue(signed.stored());
        List<PackageSignature> rows = store.signatures().of(signed.signature().packageHash());
        assertEquals(1, rows.size());
        assertEquals(ORG, rows.get(0).orgId());
        assertEquals(Instant.parse("2026-01-28T12:00:00.123456Z"), rows.get(0).signedAt());
        assertArrayEquals(signed.signature().signature(), rows.get(0).signature());
    }

    @Test
    void sign_overDamagedStoredSignature_mendsIt() throws Exception {
        PackageHash hash = PackageHash.ofContent("content".getBytes());
        store.signatures()
                .add(new PackageSignature(
                        UUID.randomUUID(), hash, key.publicKey().fingerprint(), new byte[64], NOON.instant(), ORG));

        SignedPackage signed = PackageSigner.storing(key, store, ORG, LATER).sign(file);

        assertArrayEquals(
                signed.signature().signature(),
                store.signatures().of(hash).get(0).signature());
    }

    @Test
    void sign_again_keepsFileAndDate() throws Exception {
        PackageSigner.writingFiles(key, NOON).alsoStoring(store, ORG).sign(file);
        byte[] first = Files.readAllBytes(folder.resolve("a.jar.sig"));

        SignedPackage again =
                PackageSigner.writingFiles(key, LATER).alsoStoring(store, ORG).sign(file);

        assertArrayEquals(first, Files.readAllBytes(folder.resolve("a.jar.sig")));
        assertEquals(
                Instant.parse("2026-01-28T12:00:00.123456Z"), again.signature().signedAt());
    }

    @Test
    void sign_packageThatIsChangedMeanwhile_isNotSigned() {
        PackageSigner signer = PackageSigner.writingFiles(key, NOON).reportingTo(read -> append(file));

        SigningException e = assertThrows(SigningException.class, () -> signer.sign(file));

        assertEquals(Reason.CHANGED_PACKAGE, e.reason());
        assertFalse(Files.exists(folder.resolve("a.jar.sig")));
    }

    @Test
    void sign_packageThatGrowsForEver_ends() {
        PackageSigner signer = PackageSigner.writingFiles(key, NOON).reportingTo(read -> append(file));

        assertThrows(SigningException.class, () -> signer.sign(file));
    }

    @Test
    void sign_packageWhoseTimeChangesMeanwhile_isNotSigned() {
        PackageSigner signer = PackageSigner.writingFiles(key, NOON).reportingTo(read -> {
            try {
                Files.setLastModifiedTime(file, FileTime.from(NOON.instant()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertEquals(
                Reason.CHANGED_PACKAGE,
                assertThrows(SigningException.class, () -> signer.sign(file)).reason());
    }

    @Test
    void sign_packageThatVanishesMeanwhile_isNotSigned() {
        PackageSigner signer = PackageSigner.writingFiles(key, NOON)
                .reportingTo(read -> file.toFile().delete());

        assertEquals(
                Reason.CHANGED_PACKAGE,
                assertThrows(SigningException.class, () -> signer.sign(file)).reason());
    }

    @Test
    void signTree_fileAddedMeanwhile_isNotSigned() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/inner"));
        Files.writeString(tree.resolve("a"), "a");
        PackageSigner signer =
                PackageSigner.writingFiles(key, NOON).reportingTo(read -> append(folder.resolve("tree/inner/b")));

        assertEquals(
                Reason.CHANGED_PACKAGE,
                assertThrows(SigningException.class, () -> signer.signTree(folder.resolve("tree")))
                        .reason());
    }

    @Test
    void signTree_linkToADirectory_signsTheDirectoryBesideTheLink() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("a"), "a");
        Path link = Files.createSymbolicLink(folder.resolve("link"), tree);
        PackageSigner signer = PackageSigner.writingFiles(key, NOON);

        assertEquals(
                signer.signTree(tree).signature().packageHash(),
                signer.signTree(link).signature().packageHash());
        assertTrue(Files.exists(folder.resolve("link.sig")));
    }

    @Test
    void sign_missingPackage_isUnreadable() {
        assertEquals(
                Reason.UNREADABLE_PACKAGE,
                assertThrows(
                                SigningException.class,
                                () -> PackageSigner.writingFiles(key, NOON).sign(folder.resolve("nope")))
                        .reason());
    }

    @Test
    void sign_progress_isTheSizeOfThePackage() throws Exception {
        Files.write(file, new byte[1_000_000]);
        long[] read = {0};

        PackageSigner.writingFiles(key, NOON).reportingTo(n -> read[0] += n).sign(file);

        assertEquals(1_000_000, read[0]);
    }

    @Test
    void write_overAFile_leavesNothingElseBehind() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "old");

        AtomicFile.prepare(target, "new".getBytes()).commit();

        assertEquals("new", Files.readString(target));
        assertEquals(List.of(), temporaryFiles());
    }

    @Test
    void write_overALink_replacesTheLinkAndNotWhatItPointsTo() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);

        AtomicFile.prepare(link, "new".getBytes()).commit();

        assertEquals("old", Files.readString(target));
        assertFalse(Files.isSymbolicLink(link));
    }

    @Test
    void write_thatFails_leavesTheOldAndNothingElse() throws Exception {
        Path target = Files.createDirectories(folder.resolve("target/inner"));

        assertThrows(
                IOException.class,
                () -> AtomicFile.prepare(target.getParent(), "new".getBytes()).commit());
        assertThrows(
                IOException.class,
                () -> AtomicFile.prepare(folder.resolve("x".repeat(300)), "new".getBytes())
                        .commit());
        assertThrows(
                IOException.class,
                () -> AtomicFile.prepare(folder.resolve("no/such/folder"), "new".getBytes())
                        .commit());

        assertTrue(Files.isDirectory(target));
        assertEquals(List.of(), temporaryFiles());
    }

    private List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(".tmp")).toList();
        }
    }

    private static void append(Path file) {
        try {
            Files.writeString(file, "more", StandardOpenOption.APPEND, StandardOpenOption.CREATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
