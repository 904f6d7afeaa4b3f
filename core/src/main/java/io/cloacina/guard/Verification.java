// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.RefusedPackageException;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.UnreadablePackageException;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says whether packages are what a trusted key has signed: by the trust in a store
 * ({@link PackageSecurity#verification}), or {@linkplain #offline offline}, by public keys alone.
 *
 * <p>A package is a file, or a directory that was signed as one. Files of any size are read in a stream. What is wrong
 * with a package is no exception but a {@link Verdict.Refused}, with the reason by its name in the package-signing guide
 * ({@code TamperedPackage}, {@code UntrustedSigner}, …) and all findings; {@link Verdict#orThrow} makes an exception of
 * it. A package that cannot be read, and a store that does not answer, are such reasons too.
 *
 * <h2>Verifying and loading</h2>
 *
 * <b>To verify a path and then load it is a race</b>: the file may be another one by then. {@link #copy} makes a private
 * copy while it reads, and says of the copy whether it is acceptable; load that.
 *
 * <p>Events: {@code verification.success}, {@code verification.failure}, written before the verdict is given. Immutable;
 * remembers nothing; safe for use by many threads.
 */
public final class Verification {

    /** Offline no organisation's trust is asked for, and the fixed keys do not look at it. */
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    private final TrustStore store;
    private final @Nullable UUID organisation;
    private final SignaturePolicy policy;
    private final Clock clock;
    private final @Nullable AuditLog auditLog;

    /**
     * @param organisation null offline without one
     * @param auditLog may be null
     */
    private Verification(
            TrustStore store,
            @Nullable UUID organisation,
            SignaturePolicy policy,
            Clock clock,
            @Nullable AuditLog auditLog) {
        this.store = store;
        this.organisation = organisation;
        this.policy = policy;
        this.clock = clock;
        this.auditLog = auditLog;
    }

    static Verification withStore(OpenStore store) {
        return new Verification(
                store.forVerification(),
                store.config.organisation,
                SignaturePolicy.anyFrom(SignatureSource.AUTO),
                store.config.clock,
                store.config.auditLog);
    }

    /**
     * By detached signatures and public keys alone: opens no store and no socket, and needs no library but BouncyCastle.
     *
     * @param trusted whose signatures count
     */
    public static Verification offline(Ed25519PublicKey... trusted) {
        return new Verification(
                new FixedKeys(List.of(trusted)),
                null,
                SignaturePolicy.anyFrom(SignatureSource.DETACHED),
                Clock.systemUTC(),
                null);
    }

    /**
     * As {@link #offline(Ed25519PublicKey...)}, with one key.
     *
     * @param rawKey 32 bytes (RFC 8032, section 5.1.2)
     * @throws RejectedKeyException if the key must not be used
     * @throws IllegalArgumentException if it is not 32 bytes long
     */
    public static Verification offline(byte[] rawKey) throws RejectedKeyException {
        return offline(Ed25519PublicKey.of(rawKey));
    }

    /**
     * As {@link #offline(Ed25519PublicKey...)}, with one key in a file.
     *
     * @param pem SubjectPublicKeyInfo, as {@code openssl pkey -pubout} writes it
     * @throws KeyException {@code UNUSABLE_FILE}, {@code MALFORMED_KEY}, {@code WEAK_KEY}
     */
    public static Verification offline(Path pem) throws KeyException {
        return offline(KeyFiles.readPublicKey(pem));
    }

    /**
     * This, with signatures from {@code where} only; both places ({@link SignatureSource#AUTO}) are looked at if it is not
     * asked for, and any one acceptable signature is enough.
     *
     * @throws IllegalArgumentException if stored signatures are wanted offline
     */
    public Verification from(SignatureSource where) {
        if (store instanceof FixedKeys && where == SignatureSource.DATABASE) {
            throw new IllegalArgumentException("offline there are no stored signatures");
        }
        return with(new SignaturePolicy(where, policy.format(), policy.requiredSigners()));
    }

    /** This, for which only signatures of these versions count; all do if it is not asked for. */
    public Verification accepting(SignatureFormat format) {
        return with(new SignaturePolicy(policy.source(), format, policy.requiredSigners()));
    }

    /**
     * This, for which so many different trusted keys must have signed the same bytes.
     *
     * @param signers 1 to 9; 1 if it is not asked for
     */
    public Verification requiringSigners(int signers) {
        return with(new SignaturePolicy(policy.source(), policy.format(), signers));
    }

    private Verification with(SignaturePolicy other) {
        return new Verification(store, organisation, other, clock, auditLog);
    }

    /** This, by another clock than that of the system: it tells whether a signature or a key has expired. */
    public Verification clock(Clock time) {
        return new Verification(store, organisation, policy, Objects.requireNonNull(time), auditLog);
    }

    /**
     * This, with events in an audit log.
     *
     * @param log stays the caller's
     * @param orgId for whom it is verified, as the events say; may be null
     * @throws IllegalStateException if there is a store: its {@link SecurityConfig} names log and organisation
     */
    public Verification auditedBy(AuditLog log, @Nullable UUID orgId) {
        if (!(store instanceof FixedKeys)) {
            throw new IllegalStateException("with a store, SecurityConfig names the audit log");
        }
        return new Verification(store, orgId, policy, clock, Objects.requireNonNull(log));
    }

    /**
     * Verifies a package by the signature beside it ({@code FILE.sig}), and by those in the store.
     *
     * @throws AuditFailedException if the verdict could not be recorded
     */
    public Verdict verify(Path packagePath) throws AuditFailedException {
        return verify(packagePath, DetachedSignature.pathFor(Signing.named(packagePath)));
    }

    /**
     * As {@link #verify(Path)}, with the detached signature elsewhere.
     *
     * @throws AuditFailedException if the verdict could not be recorded
     */
    public Verdict verify(Path packagePath, Path signatureFile) throws AuditFailedException {
        return recorded(packagePath, judged(packagePath, null, signatureFile));
    }

    /**
     * Verifies a package that is all in memory.
     *
     * @param signatureFile its detached signature; null if there is none, so that only stored ones can count
     * @throws AuditFailedException if the verdict could not be recorded
     */
    public Verdict verify(byte[] content, @Nullable Path signatureFile) throws AuditFailedException {
        return recorded(null, verifier().verify(PackageHash.ofContent(content), signatureFile));
    }

    /**
     * Copies a package, and verifies the copy by the signature beside the original and by those in the store. What is
     * returned is what was verified, whatever becomes of the original: load it, and not the original.
     *
     * @param newCopy a file or directory that is made, in a directory that only this process writes to; read-only when it
     *     is there, and gone again if the package is refused
     * @throws RefusedPackageException if the package is not acceptable, cannot be read or cannot be copied
     * @throws AuditFailedException if the verdict could not be recorded; there is no copy then
     */
    public VerifiedCopy copy(Path packagePath, Path newCopy) throws RefusedPackageException, AuditFailedException {
        boolean existed = Files.exists(newCopy, LinkOption.NOFOLLOW_LINKS);
        boolean done = false;
        try {
            Verdict verdict = judged(packagePath, newCopy, DetachedSignature.pathFor(Signing.named(packagePath)));
            VerifiedCopy copy =
                    new VerifiedCopy(newCopy, recorded(packagePath, verdict).orThrow());
            done = true;
            return copy;
        } finally {
            if (!done && !existed) {
                VerifiedCopy.remove(newCopy);
            }
        }
    }

    private Verdict judged(Path packagePath, @Nullable Path copy, Path signatureFile) {
        try {
            return verifier().verify(copy == null ? hash(packagePath) : read(packagePath, copy), signatureFile);
        } catch (UnreadablePackageException e) {
            return Verdict.Refused.unreadable(e);
        }
    }

    /** The package that is there: a directory is one. */
    static PackageHash hash(Path packagePath) throws UnreadablePackageException {
        return Files.isDirectory(packagePath) ? TreeSnapshot.hash(packagePath) : PackageSnapshot.hash(packagePath);
    }

    private static PackageHash read(Path packagePath, Path copy) throws UnreadablePackageException {
        return Files.isDirectory(packagePath)
                ? TreeSnapshot.copy(packagePath, copy)
                : PackageSnapshot.copy(packagePath, copy);
    }

    private PackageVerifier verifier() {
        boolean offline = store instanceof FixedKeys;
        return new PackageVerifier(store, offline ? NO_ORGANISATION : organisation, policy, clock);
    }

    private Verdict recorded(@Nullable Path packagePath, Verdict verdict) throws AuditFailedException {
        if (auditLog != null) {
            Path named = packagePath == null ? null : GivenFile.absolute(packagePath);
            auditLog.record(PackageEvents.verified(organisation, named, verdict));
        }
        return verdict;
    }
}
