package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
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
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Signs packages with one key: writes {@code FILE.sig} beside each, or stores the signature, or both.
 *
 * <p>What is signed already stays as it is, with its first date. Files of any size are read in a stream. The private key
 * stays the caller's, who closes it after the last signature. Immutable; safe for use by many threads.
 */
public final class PackageSigner {

    private final Ed25519PrivateKey key;
    private final Clock clock;
    private final boolean detached;
    private final KeyStore store;
    private final UUID orgId;
    private final LongConsumer progress;

    private PackageSigner(
            Ed25519PrivateKey key, Clock clock, boolean detached, KeyStore store, UUID orgId, LongConsumer progress) {
        this.key = Objects.requireNonNull(key);
        this.clock = Objects.requireNonNull(clock);
        this.detached = detached;
        this.store = store;
        this.orgId = orgId;
        this.progress = Objects.requireNonNull(progress);
    }

    /** Writes detached signatures only, and needs no store. */
    public static PackageSigner writingFiles(Ed25519PrivateKey key, Clock clock) {
        return new PackageSigner(key, clock, true, null, null, read -> {});
    }

    /**
     * Stores signatures only.
     *
     * @param orgId who signs; recorded with the signature
     */
    public static PackageSigner storing(Ed25519PrivateKey key, KeyStore store, UUID orgId, Clock clock) {
        return new PackageSigner(
                key, clock, false, Objects.requireNonNull(store), Objects.requireNonNull(orgId), read -> {});
    }

    /** This signer, which also stores signatures. */
    public PackageSigner alsoStoring(KeyStore inStore, UUID asOrgId) {
        return new PackageSigner(
                key, clock, detached, Objects.requireNonNull(inStore), Objects.requireNonNull(asOrgId), progress);
    }

    /** This signer, which tells {@code listener} of every few bytes that it has read of a package, on its own thread. */
    public PackageSigner reportingTo(LongConsumer listener) {
        return new PackageSigner(key, clock, detached, store, orgId, listener);
    }

    /**
     * Signs a file. A symbolic link stands for the file it leads to; its signature is beside the link.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, {@code CHANGED_PACKAGE}, {@code UNWRITABLE_SIGNATURE}
     * @throws StoreUnavailableException if the signature could not be stored; the detached one is written by then
     */
    public SignedPackage sign(Path file) throws SigningException, StoreUnavailableException {
        return store(List.of(signUnstored(file))).get(0);
    }

    /** All of {@link #sign} but storing the signature, which {@link #store} does for many at once. */
    public SignedPackage signUnstored(Path file) throws SigningException {
        return finish(file, hashOf(file));
    }

    /**
     * Signs a folder as one package (see {@link TreeSnapshot}). Its signature is beside the folder.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE}, {@code CHANGED_PACKAGE}, {@code REFUSED_TREE},
     *     {@code UNWRITABLE_SIGNATURE}
     * @throws StoreUnavailableException if the signature could not be stored; the detached one is written by then
     */
    public SignedPackage signTree(Path folder) throws SigningException, StoreUnavailableException {
        return store(List.of(signTreeUnstored(folder))).get(0);
    }

    /** All of {@link #signTree} but storing the signature, which {@link #store} does for many at once. */
    public SignedPackage signTreeUnstored(Path folder) throws SigningException {
        return finish(folder, hashOfTree(folder));
    }

    /**
     * Signs what hosts extract from an archive: archives and native libraries at any depth within some bounds, and
     * {@code WEB-INF/classes} and {@code BOOT-INF/classes} as trees. They have no file that a signature could lie beside, so
     * they are only of use to a signer that stores them. The archive itself is not signed by this.
     *
     * @return one for each, with a path such as {@code app.war!/WEB-INF/lib/a.jar}; storing them is left to {@link #store}
     * @throws SigningException {@code UNREADABLE_PACKAGE}, also for what is no archive; {@code CHANGED_PACKAGE},
     *     {@code REFUSED_TREE}
     */
    public List<SignedPackage> signNestedUnstored(Path archive) throws SigningException {
        State before = state(archive);
        List<NestedPackages.Nested> nested = NestedPackages.in(archive);
        requireUnchanged(archive, before, state(archive));
        List<SignedPackage> signed = new ArrayList<>();
        for (NestedPackages.Nested one : nested) {
            signed.add(new SignedPackage(pathOf(one, archive), sign(one.hash()), null, false));
        }
        return signed;
    }

    private static Path pathOf(NestedPackages.Nested one, Path archive) throws SigningException {
        try {
            return Path.of(one.path());
        } catch (InvalidPathException e) {
            throw new SigningException(
                    Reason.UNREADABLE_PACKAGE,
                    "[" + archive + "] has an entry whose name this JVM cannot spell (LC_ALL=C.UTF-8 may help): "
                            + e.getReason(),
                    e);
        }
    }

    private DetachedSignature sign(PackageHash hash) {
        return new DetachedSignature(hash, key.publicKey().fingerprint(), key.sign(hash.bytes()), now());
    }

    private SignedPackage finish(Path path, PackageHash hash) throws SigningException {
        DetachedSignature made = sign(hash);
        Path signatureFile = detached ? DetachedSignature.pathFor(path) : null;
        DetachedSignature kept = made;
        if (detached) {
            kept = write(signatureFile, made);
        }
        return new SignedPackage(path, kept, signatureFile, false);
    }

    /** The signature that is in the file now: an equal one that was there stays, with its date. */
    private static DetachedSignature write(Path file, DetachedSignature made) throws SigningException {
        try {
            Optional<DetachedSignature> present = DetachedSignature.read(file);
            if (present.isPresent() && isSame(present.get(), made)) {
                return present.get();
            }
        } catch (MalformedSignatureException e) {
            // It says nothing that could be kept; what takes its place is whole.
            Objects.requireNonNull(e);
        }
        try {
            AtomicFile.write(file, made.encode());
            return made;
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
            done.add(new SignedPackage(one.path(), signature, one.signatureFile(), true));
        }
        for (PackageSignature row : store.addSignatures(rows)) {
            for (PackageSignature present : store.signatures(row.packageHash())) {
                // Ed25519 gives the same signature for the same package: another one in its place is damaged.
                if (present.keyFingerprint().equals(row.keyFingerprint())
                        && !Arrays.equals(present.signature(), row.signature())) {
                    store.replaceSignature(row);
                }
            }
        }
        return done;
    }

    // ------------------------------------------------------------------------------------------------- reading

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

    private PackageHash hashOfTree(Path folder) throws SigningException {
        Map<Path, State> before = states(folder);
        PackageHash hash;
        try {
            hash = TreeSnapshot.hash(folder, progress);
        } catch (UnreadablePackageException e) {
            requireUnchanged(folder, before, states(folder));
            Reason reason = e.isRefusedForm() ? Reason.REFUSED_TREE : Reason.UNREADABLE_PACKAGE;
            throw new SigningException(reason, e.getMessage(), e);
        }
        requireUnchanged(folder, before, states(folder));
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

    private static Map<Path, State> states(Path folder) throws SigningException {
        Map<Path, State> states = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return states;
        }
        // The root may be a link; Files.walk would not go into one.
        try (Stream<Path> paths = Files.walk(folder.toRealPath())) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                // Signatures of members may be written meanwhile, which also changes their directories.
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !TreeSnapshot.isSignature(path)) {
                    states.put(path, state(path));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new SigningException(
                    Reason.UNREADABLE_PACKAGE, "[" + folder + "] cannot be read: " + e.getMessage(), e);
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
