// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.sign.CheckedSigner;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.PreparedSignature;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.Signer;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Signs packages with one key: with a key of the store ({@link PackageSecurity#signing}), or {@linkplain #offline offline};
 * with a private key, or a {@link Signer} that has it.
 *
 * <p>A package is a file, or a directory that is signed as one. With a store, its signature is stored and also written
 * beside it, as {@code FILE.sig}; offline it is only written. What is signed already stays as it is, with its first date.
 * A stored signature is recorded before the {@code .sig} file appears, so whatever ends the process, every such file has
 * its row and its event, and the same call again does the rest.
 *
 * <p>Events: {@code package.signed}, {@code package.sign.failure}. Immutable; safe for use by many threads.
 */
public final class Signing {

    private enum Option {
        NO_FILE,
        NO_STORE,
        OVERWRITE
    }

    private final @Nullable OpenStore store;
    private final SigningKeyInput key;
    private final Clock clock;
    private final @Nullable AuditLog auditLog;
    private final @Nullable UUID organisation;
    private final Set<Option> options;
    private final @Nullable StatementRequest statement;

    /**
     * @param store null offline
     * @param auditLog may be null
     * @param organisation null offline without one
     * @param statement null for signatures of version 1
     */
    private Signing(
            @Nullable OpenStore store,
            SigningKeyInput key,
            Clock clock,
            @Nullable AuditLog auditLog,
            @Nullable UUID organisation,
            Set<Option> options,
            @Nullable StatementRequest statement) {
        this.store = store;
        this.key = key;
        this.clock = clock;
        this.auditLog = auditLog;
        this.organisation = organisation;
        this.options = options;
        this.statement = statement;
    }

    static Signing withStore(OpenStore store, SigningKeyInput key) {
        return new Signing(
                store,
                key,
                store.config.clock,
                store.config.auditLog,
                store.config.organisation,
                EnumSet.noneOf(Option.class),
                null);
    }

    /**
     * With a private key in a file, without any store.
     *
     * @param pem PKCS#8, not encrypted; read with each use
     */
    public static Signing offline(Path pem) {
        return offline(SigningKeyInput.file(pem));
    }

    /**
     * With a private key in memory, without any store.
     *
     * @param key stays the caller's, who closes it after the last use
     */
    public static Signing offline(Ed25519PrivateKey key) {
        return offline(SigningKeyInput.given(CheckedSigner.of(key)));
    }

    /**
     * With a private key that is somewhere else, without any store. Each signature is checked before it is written.
     *
     * @param publicKey of the key that the signer has
     * @param signer such as a {@link io.cloacina.guard.sign.SignerCommand}, which stays the caller's
     */
    public static Signing offline(Ed25519PublicKey publicKey, Signer signer) {
        return offline(SigningKeyInput.given(CheckedSigner.of(publicKey, signer)));
    }

    private static Signing offline(SigningKeyInput key) {
        return new Signing(null, key, Clock.systemUTC(), null, null, EnumSet.of(Option.NO_STORE), null);
    }

    /**
     * This, which only stores signatures.
     *
     * @throws IllegalStateException if it does not store them either
     */
    public Signing withoutFile() {
        return with(Option.NO_FILE);
    }

    /**
     * This, which only writes {@code .sig} files.
     *
     * @throws IllegalStateException if it does not write them either
     */
    public Signing withoutStoring() {
        return with(Option.NO_STORE);
    }

    /** This, which also overwrites {@code .sig} files of other programs. */
    public Signing overwritingForeign() {
        return with(Option.OVERWRITE);
    }

    /**
     * This, which makes signatures of version 2: they say how the package is called, and other tools can read them. The
     * workflow engine reads version 1 only.
     *
     * @param request what they say; {@link StatementRequest#ADD} for a further signature over what is said already
     */
    public Signing statement(StatementRequest request) {
        return new Signing(store, key, clock, auditLog, organisation, options, Objects.requireNonNull(request));
    }

    private Signing with(Option option) {
        Set<Option> more = EnumSet.copyOf(options);
        more.add(option);
        if (more.contains(Option.NO_FILE) && more.contains(Option.NO_STORE)) {
            throw new IllegalStateException("the signature would be neither stored nor written; sign(byte[]) gives one"
                    + " that is kept nowhere");
        }
        return new Signing(store, key, clock, auditLog, organisation, more, statement);
    }

    /**
     * This, with events in an audit log.
     *
     * @param log stays the caller's
     * @param orgId whose key it is, as the events say; may be null
     * @throws IllegalStateException if there is a store: its {@link SecurityConfig} names log and organisation
     */
    public Signing auditedBy(AuditLog log, @Nullable UUID orgId) {
        if (store != null) {
            throw new IllegalStateException("with a store, SecurityConfig names the audit log");
        }
        return new Signing(store, key, clock, Objects.requireNonNull(log), orgId, options, statement);
    }

    /** This, which dates signatures by another clock than that of the system. */
    public Signing clock(Clock time) {
        return new Signing(store, key, Objects.requireNonNull(time), auditLog, organisation, options, statement);
    }

    /**
     * Signs a file, or a directory as one package. Files of any size are read in a stream. A symbolic link names what it
     * leads to; the signature is beside the link.
     *
     * @return the signature, its file, and whether anything was new
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code SIGNING_KEY_REVOKED}, {@code WRONG_KEK},
     *     {@code NO_PRIVATE_KEY}, {@code HAS_PRIVATE_KEY}, {@code MALFORMED_KEK}, {@code MALFORMED_KEY}, {@code UNUSABLE_FILE}, {@code DAMAGED_ROW}
     * @throws SigningException with its reason
     * @throws StoreUnavailableException if the signature could not be stored; no file is written then
     * @throws AuditFailedException if it could not be recorded; no file is written then
     * @throws IllegalStateException if the signature would neither be written nor stored
     */
    public SignedPackage sign(Path packagePath) throws GuardException {
        if (options.contains(Option.NO_FILE) && options.contains(Option.NO_STORE)) {
            throw new IllegalStateException("with neither a .sig file nor a store the signature would be lost");
        }
        Path named = named(packagePath);
        return recordingFailure(named, () -> key.use(opened -> sign(named, opened)));
    }

    /**
     * As events name it, and with a name of its own, which {@code .} and {@code ..} are not: its signature is beside it.
     *
     * @throws IllegalArgumentException if it has none
     */
    static Path named(Path packagePath) {
        Path named = GivenFile.absolute(packagePath);
        if (named.endsWith("..")) {
            named = named.normalize();
        }
        if (named.getFileName() == null) {
            throw new IllegalArgumentException("[" + packagePath + "] has no name that a signature could stand beside");
        }
        return named;
    }

    private PreparedSignature prepare(Path named, PackageSigner signer) throws GuardException {
        boolean tree = Files.isDirectory(named);
        if (statement != null) {
            return signer.prepareStatement(named, signer.hash(named, tree), false, statement);
        }
        return tree ? signer.prepareTree(named) : signer.prepare(named);
    }

    private SignedPackage sign(Path named, CheckedSigner opened) throws GuardException {
        PackageSigner signer = signer(opened);
        PreparedSignature prepared = prepare(named, signer);
        boolean done = false;
        try {
            SignedPackage signed = prepared.signed();
            AuditEvent event = PackageEvents.signed(organisation, named, signed.packageHash(), opened.fingerprint());
            if (store != null && !options.contains(Option.NO_STORE)) {
                signed = store.sign(signer, prepared, named, event);
            } else if (!signed.unchanged()) {
                record(event);
            }
            done = true;
            prepared.commit();
            return signed;
        } finally {
            if (!done) {
                prepared.discard();
            }
        }
    }

    private PackageSigner signer(CheckedSigner opened) {
        PackageSigner signer;
        if (store == null || options.contains(Option.NO_STORE)) {
            signer = PackageSigner.writingFiles(opened, clock);
        } else if (options.contains(Option.NO_FILE)) {
            signer = PackageSigner.storing(opened, store.forKeys(), organisation, clock);
        } else {
            signer = PackageSigner.writingFiles(opened, clock).alsoStoring(store.forKeys(), organisation);
        }
        return options.contains(Option.OVERWRITE) ? signer.overwritingForeign() : signer;
    }

    /**
     * Signs a package that is all in memory. The signature is neither stored nor written: see
     * {@link DetachedSignature#writeTo}.
     *
     * @param content of the package; not kept
     * @throws KeyException as {@link #sign(Path)} does
     * @throws StoreUnavailableException if the key is one of a store that does not answer
     * @throws AuditFailedException if it could not be recorded
     */
    public DetachedSignature sign(byte[] content) throws GuardException {
        PackageHash hash = PackageHash.ofContent(content);
        return recordingFailure(
                null,
                () -> key.use(opened -> {
                    Fingerprint signer = opened.fingerprint();
                    record(PackageEvents.signed(organisation, null, hash, signer));
                    return new DetachedSignature(
                            hash,
                            signer,
                            opened.sign(hash.bytes()),
                            clock.instant().truncatedTo(ChronoUnit.MICROS));
                }));
    }

    private interface Attempt<T> {
        T make() throws GuardException;
    }

    private <T> T recordingFailure(@Nullable Path named, Attempt<T> attempt) throws GuardException {
        try {
            return attempt.make();
        } catch (KeyException | SigningException | StoreUnavailableException e) {
            record(PackageEvents.notSigned(organisation, named, null, null, e.getMessage()));
            throw e;
        }
    }

    private void record(AuditEvent event) throws AuditFailedException {
        if (auditLog != null) {
            auditLog.record(event);
        }
    }
}
