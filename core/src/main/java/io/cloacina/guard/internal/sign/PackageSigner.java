// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Signs packages with one key: writes {@code FILE.sig} beside each, or stores the signature, or both.
 *
 * <p>What is signed already stays as it is, with its first date. Files of any size are read in a stream. The private
 * key stays the caller's, who closes it after the last signature. Immutable; safe for use by many threads.
 */
public final class PackageSigner {

    private final CheckedSigner key;
    private final Clock clock;
    private final boolean detached;
    private final @Nullable KeyStore store;
    private final @Nullable UUID orgId;
    private final LongConsumer progress;
    private final SignatureFiles files;

    private PackageSigner(
            CheckedSigner key,
            Clock clock,
            boolean detached,
            @Nullable KeyStore store,
            @Nullable UUID orgId,
            LongConsumer progress,
            SignatureFiles files) {
        this.key = Objects.requireNonNull(key);
        this.clock = Objects.requireNonNull(clock);
        this.detached = detached;
        this.store = store;
        this.orgId = orgId;
        this.progress = Objects.requireNonNull(progress);
        this.files = files;
    }

    /** Writes detached signatures only, and needs no store. */
    public static PackageSigner writingFiles(Ed25519PrivateKey key, Clock clock) {
        return writingFiles(CheckedSigner.of(key), clock);
    }

    /** Writes detached signatures only, and needs no store. */
    public static PackageSigner writingFiles(CheckedSigner key, Clock clock) {
        return new PackageSigner(key, clock, true, null, null, read -> {}, new SignatureFiles(false));
    }

    /**
     * Stores signatures only.
     *
     * @param orgId who signs; recorded with the signature
     */
    public static PackageSigner storing(Ed25519PrivateKey key, KeyStore store, UUID orgId, Clock clock) {
        return storing(CheckedSigner.of(key), store, orgId, clock);
    }

    /**
     * Stores signatures only.
     *
     * @param orgId who signs; recorded with the signature
     */
    public static PackageSigner storing(CheckedSigner key, KeyStore store, @Nullable UUID orgId, Clock clock) {
        return new PackageSigner(
                key,
                clock,
                false,
                Objects.requireNonNull(store),
                Objects.requireNonNull(orgId),
                read -> {},
                new SignatureFiles(false));
    }

    /** This signer, which also stores signatures. */
    public PackageSigner alsoStoring(KeyStore inStore, @Nullable UUID asOrgId) {
        return new PackageSigner(
                key,
                clock,
                detached,
                Objects.requireNonNull(inStore),
                Objects.requireNonNull(asOrgId),
                progress,
                files);
    }

    /** This signer, which also overwrites {@code .sig} files that are not this program's. */
    public PackageSigner overwritingForeign() {
        return new PackageSigner(key, clock, detached, store, orgId, progress, new SignatureFiles(true));
    }

    /**
     * This signer, which tells {@code listener} of every few bytes that it has read of a package, on its own thread.
     */
    public PackageSigner reportingTo(LongConsumer listener) {
        return new PackageSigner(key, clock, detached, store, orgId, listener, files);
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
        return finish(file, hash(file, false));
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
        return finish(directory, hash(directory, true));
    }

    /**
     * What hosts extract from an archive: archives and native libraries at any depth within some bounds, and
     * {@code WEB-INF/classes} and {@code BOOT-INF/classes} as trees.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, also for what is no archive; {@code CHANGED_PACKAGE},
     *     {@code REFUSED_TREE}
     */
    public static List<NestedPackage> nestedIn(Path archive) throws SigningException {
        return PackageReader.nestedIn(archive);
    }

    /** Whether a file is called an archive, or is one. */
    public static boolean isArchive(Path file) {
        return NestedPackages.canBeIn(file);
    }

    /** Signs what is in an archive. It has no place for a {@code .sig} file, so the signature has to be stored. */
    public PreparedSignature prepare(NestedPackage nested) throws SigningException {
        return new PreparedSignature(
                new SignedPackage(nested.path(), signature(nested.hash()), null, false, true), null, 0);
    }

    /**
     * The hash of a package that is going to be signed.
     *
     * @param tree whether it is a directory that is one package
     * @throws SigningException as {@link #prepare(Path)} and {@link #prepareTree(Path)}
     */
    public PackageHash hash(Path path, boolean tree) throws SigningException {
        return tree ? PackageReader.hashOfTree(path, progress) : PackageReader.hashOf(path, progress);
    }

    /**
     * Makes a signature of version 2 beside a package, or in the store only.
     *
     * @param hash as {@link #hash} has read it
     * @param inside whether it lies in an archive, where there is no place for a {@code .sig} file
     * @throws SigningException {@code FOREIGN_SIGNATURE}, {@code UNWRITABLE_SIGNATURE}, {@code NOTHING_TO_ADD_TO},
     *     {@code STATEMENT_TOO_LARGE}
     * @throws StoreUnavailableException if the store could not be asked what is signed already
     */
    public PreparedSignature prepareStatement(Path path, PackageHash hash, boolean inside, StatementRequest request)
            throws SigningException, StoreUnavailableException {
        Path file = detached && !inside ? DetachedSignature.pathFor(path) : null;
        return prepareStatement(List.of(path), List.of(hash), file, request).get(0);
    }

    /**
     * Makes one signature of version 2 of several packages.
     *
     * @param hashes of the packages, in the order of {@code paths}
     * @param file where to write it; null for nowhere
     * @return one for each package; the file is written with the last
     * @throws SigningException as {@link #prepareStatement(Path, PackageHash, boolean, StatementRequest)}
     * @throws StoreUnavailableException if the store could not be asked what is signed already
     */
    public List<PreparedSignature> prepareStatement(
            List<Path> paths, List<PackageHash> hashes, @Nullable Path file, StatementRequest request)
            throws SigningException, StoreUnavailableException {
        return new StatementSigner(key, files, store).prepare(paths, hashes, file, request, now());
    }

    private DetachedSignature signature(PackageHash hash) throws SigningException {
        return new DetachedSignature(hash, key.fingerprint(), key.sign(hash.bytes()), now());
    }

    private PreparedSignature finish(Path path, PackageHash hash) throws SigningException {
        DetachedSignature made = signature(hash);
        if (!detached) {
            return new PreparedSignature(new SignedPackage(path, made, null, false, true), null, 0);
        }
        Path file = DetachedSignature.pathFor(path);
        SignatureFiles.Present present = files.present(file).orElse(null);
        if (present != null && present.version1() != null && isSame(present.version1(), made)) {
            // It stays, with its date.
            return new PreparedSignature(new SignedPackage(path, present.version1(), file, false, true), null, 0);
        }
        return new PreparedSignature(
                new SignedPackage(path, made, file, false, false),
                files.write(file, made.encode()),
                present != null && present.version2() != null ? 2 : 0);
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
        return new SignatureRows(store, orgId).store(signed);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
