// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.trust.KeyStore;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.TreeSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Signs packages with one key: writes {@code FILE.sig} beside each, or stores the signature, or both.
 *
 * <p>What is signed already stays as it is, with its first date. Files of any size are read in a stream. The private
 * key stays the caller's, who closes it after the last signature. Immutable; safe for use by many threads.
 */
public final class PackageSigner {

    private final Ed25519PrivateKey key;
    private final Clock clock;
    private final boolean detached;
    private final KeyStore store;
    private final UUID orgId;
    private final LongConsumer progress;
    private final boolean force;
    /** Directories without files that a killed process has left. */
    private final Set<Path> cleaned = ConcurrentHashMap.newKeySet();

    private PackageSigner(
            Ed25519PrivateKey key,
            Clock clock,
            boolean detached,
            KeyStore store,
            UUID orgId,
            LongConsumer progress,
            boolean force) {
        this.key = Objects.requireNonNull(key);
        this.clock = Objects.requireNonNull(clock);
        this.detached = detached;
        this.store = store;
        this.orgId = orgId;
        this.progress = Objects.requireNonNull(progress);
        this.force = force;
    }

    /** Writes detached signatures only, and needs no store. */
    public static PackageSigner writingFiles(Ed25519PrivateKey key, Clock clock) {
        return new PackageSigner(key, clock, true, null, null, read -> {}, false);
    }

    /**
     * Stores signatures only.
     *
     * @param orgId who signs; recorded with the signature
     */
    public static PackageSigner storing(Ed25519PrivateKey key, KeyStore store, UUID orgId, Clock clock) {
        return new PackageSigner(
                key, clock, false, Objects.requireNonNull(store), Objects.requireNonNull(orgId), read -> {}, false);
    }

    /** This signer, which also stores signatures. */
    public PackageSigner alsoStoring(KeyStore inStore, UUID asOrgId) {
        return new PackageSigner(
                key,
                clock,
                detached,
                Objects.requireNonNull(inStore),
                Objects.requireNonNull(asOrgId),
                progress,
                force);
    }

    /** This signer, which also overwrites {@code .sig} files that are not this program's. */
    public PackageSigner overwritingForeign() {
        return new PackageSigner(key, clock, detached, store, orgId, progress, true);
    }

    /**
     * This signer, which tells {@code listener} of every few bytes that it has read of a package, on its own thread.
     */
    public PackageSigner reportingTo(LongConsumer listener) {
        return new PackageSigner(key, clock, detached, store, orgId, listener, force);
    }

    /**
     * Signs a file. A symbolic link names the file it leads to; its signature is beside the link.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, {@code CHANGED_PACKAGE}, {@code FOREIGN_SIGNATURE},
     *     {@code UNWRITABLE_SIGNATURE}
     * @throws StoreUnavailableException if the signature could not be stored; the detached one is written by then
     */
    public SignedPackage sign(Path file) throws SigningException, StoreUnavailableException {
        return store(List.of(signUnstored(file))).get(0);
    }

    /** All of {@link #sign} but storing the signature, which {@link #store} does for many at once. */
    public SignedPackage signUnstored(Path file) throws SigningException {
        return prepare(file).commit();
    }

    /** All of {@link #signUnstored} but that the detached signature is not yet in its place. */
    public PreparedSignature prepare(Path file) throws SigningException {
        return finish(file, hashOf(file));
    }

    /**
     * Signs a directory as one package (see {@link TreeSnapshot}). Its signature is beside the directory.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, {@code CHANGED_PACKAGE}, {@code REFUSED_TREE},
     *     {@code FOREIGN_SIGNATURE}, {@code UNWRITABLE_SIGNATURE}
     * @throws StoreUnavailableException if the signature could not be stored; the detached one is written by then
     */
    public SignedPackage signTree(Path directory) throws SigningException, StoreUnavailableException {
        return store(List.of(signTreeUnstored(directory))).get(0);
    }

    /** All of {@link #signTree} but storing the signature, which {@link #store} does for many at once. */
    public SignedPackage signTreeUnstored(Path directory) throws SigningException {
        return prepareTree(directory).commit();
    }

    /** All of {@link #signTreeUnstored} but that the detached signature is not yet in its place. */
    public PreparedSignature prepareTree(Path directory) throws SigningException {
        return finish(directory, hashOfTree(directory));
    }

    /**
     * What hosts extract from an archive: archives and native libraries at any depth within some bounds, and
     * {@code WEB-INF/classes} and {@code BOOT-INF/classes} as trees.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, also for what is no archive; {@code CHANGED_PACKAGE},
     *     {@code REFUSED_TREE}
     */
    public static List<NestedPackage> nestedIn(Path archive) throws SigningException {
        State before = state(archive);
        List<NestedPackage> nested = NestedPackages.in(archive);
        requireUnchanged(archive, before, state(archive));
        return nested;
    }

    /** Signs what is in an archive. It has no place for a {@code .sig} file, so the signature has to be stored. */
    public PreparedSignature prepare(NestedPackage nested) {
        return new PreparedSignature(
                new SignedPackage(nested.path(), signature(nested.hash()), null, false, true), null);
    }

    private DetachedSignature signature(PackageHash hash) {
        return new DetachedSignature(hash, key.publicKey().fingerprint(), key.sign(hash.bytes()), now());
    }

    private PreparedSignature finish(Path path, PackageHash hash) throws SigningException {
        DetachedSignature made = signature(hash);
        Path signatureFile = detached ? DetachedSignature.pathFor(path) : null;
        Optional<DetachedSignature> kept = detached ? present(signatureFile, made) : Optional.of(made);
        AtomicFile written = kept.isPresent() ? null : write(signatureFile, made);
        return new PreparedSignature(
                new SignedPackage(path, kept.orElse(made), signatureFile, false, written == null), written);
    }

    /** The signature that is in the file, if it is an equal one: that stays, with its date. */
    private Optional<DetachedSignature> present(Path file, DetachedSignature made) throws SigningException {
        try {
            return DetachedSignature.read(file).filter(present -> isSame(present, made));
        } catch (MalformedSignatureException e) {
            if (force || Files.isDirectory(file)) {
                // Of a directory, writing says what is wrong.
                return Optional.empty();
            }
            throw new SigningException(
                    Reason.FOREIGN_SIGNATURE,
                    "[" + file + "] is no signature that this program can read; it seems to be "
                            + ForeignSignature.describe(file)
                            + ". It was left as it is, and the package was not signed;"
                            + " --force overwrites it",
                    e);
        }
    }

    private AtomicFile write(Path file, DetachedSignature made) throws SigningException {
        try {
            AtomicFile.removeLeftovers(file.toAbsolutePath().getParent(), cleaned);
            return AtomicFile.prepare(file, made.encode());
        } catch (IOException e) {
            throw new SigningException(
                    Reason.UNWRITABLE_SIGNATURE, "[" + file + "] cannot be written: " + reason(e), e);
        }
    }

    private static boolean isSame(DetachedSignature one, DetachedSignature other) {
        return one.packageHash().equals(other.packageHash())
                && one.keyFingerprint().equals(other.keyFingerprint())
                && Arrays.equals(one.signature(), other.signature());
    }

    /**
     * Stores what was signed, in one transaction; does nothing for a signer that stores nothing.
     *
     * @return what is signed now, in the same order
     * @throws StoreUnavailableException if none could be stored
     */
    public List<SignedPackage> store(List<SignedPackage> signed) throws StoreUnavailableException {
        if (store == null || signed.isEmpty()) {
            return signed;
        }
        List<SignedPackage> done = new ArrayList<>();
        List<PackageSignature> rows = new ArrayList<>();
        for (SignedPackage one : signed) {
            DetachedSignature signature = one.signature();
            rows.add(new PackageSignature(
                    UUID.randomUUID(),
                    signature.packageHash(),
                    signature.keyFingerprint(),
                    signature.signature(),
                    signature.signedAt(),
                    orgId));
        }
        Set<PackageHash> there = new HashSet<>();
        for (PackageSignature row : store.signatures().addAll(rows)) {
            there.add(row.packageHash());
            for (PackageSignature present : store.signatures().of(row.packageHash())) {
                // Ed25519 gives the same signature for the same package: another one in its place is damaged.
                if (present.keyFingerprint().equals(row.keyFingerprint())
                        && !Arrays.equals(present.signature(), row.signature())) {
                    store.signatures().replace(row);
                    there.remove(row.packageHash());
                }
            }
        }
        for (SignedPackage one : signed) {
            boolean unchanged =
                    one.unchanged() && there.contains(one.signature().packageHash());
            done.add(new SignedPackage(one.path(), one.signature(), one.signatureFile(), true, unchanged));
        }
        return done;
    }

    private PackageHash hashOf(Path file) throws SigningException {
        State before = state(file);
        PackageHash hash;
        try {
            hash = PackageSnapshot.hash(file, progress);
        } catch (UnreadablePackageException e) {
            requireUnchanged(file, before, state(file));
            throw new SigningException(Reason.UNREADABLE_PACKAGE, e.getMessage(), e);
        }
        requireUnchanged(file, before, state(file));
        return hash;
    }

    private PackageHash hashOfTree(Path directory) throws SigningException {
        Map<Path, State> before = states(directory);
        PackageHash hash;
        try {
            hash = TreeSnapshot.hash(directory, progress);
        } catch (UnreadablePackageException e) {
            requireUnchanged(directory, before, states(directory));
            Reason reason = e.isRefusedForm() ? Reason.REFUSED_TREE : Reason.UNREADABLE_PACKAGE;
            throw new SigningException(reason, e.getMessage(), e);
        }
        requireUnchanged(directory, before, states(directory));
        return hash;
    }

    private static void requireUnchanged(Path path, Object before, Object after) throws SigningException {
        if (!before.equals(after)) {
            throw new SigningException(
                    Reason.CHANGED_PACKAGE, "[" + path + "] changed while it was read; it is not signed", null);
        }
    }

    /** What changes when a file is written to or replaced. */
    private record State(boolean exists, long sizeBytes, FileTime changed, Object fileKey) {}

    private static State state(Path file) throws SigningException {
        try {
            if (!Files.exists(file)) {
                return new State(false, 0, null, null);
            }
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(true, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (IOException e) {
            throw new SigningException(Reason.UNREADABLE_PACKAGE, "[" + file + "] cannot be read: " + reason(e), e);
        }
    }

    private static Map<Path, State> states(Path directory) throws SigningException {
        Map<Path, State> states = new TreeMap<>();
        if (!Files.isDirectory(directory)) {
            return states;
        }
        // The root may be a link; Files.walk would not go into one.
        try (Stream<Path> paths = Files.walk(directory.toRealPath())) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                // Signatures of members may be written meanwhile, which also changes their directories.
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !TreeSnapshot.isSignature(path)) {
                    states.put(path, state(path));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new SigningException(
                    Reason.UNREADABLE_PACKAGE, "[" + directory + "] cannot be read: " + e.getMessage(), e);
        }
        return states;
    }

    private static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
