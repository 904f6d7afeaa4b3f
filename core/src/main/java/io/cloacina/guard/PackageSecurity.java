// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.sign.CheckedSigner;
import io.cloacina.guard.sign.Signer;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;

/**
 * The keys, the trust and the signatures of one organisation, in one trust store.
 *
 * <pre>{@code
 * try (PackageSecurity security = SecurityConfig.builder().store(Path.of("trust.db")).organisation(org).open()) {
 *     security.verify(plugin).orThrow();
 * }
 * }</pre>
 *
 * <p>Nothing is remembered between calls: a committed revocation holds for the next. Each method waits for the store at
 * most as long as the configuration allows, then throws {@link StoreUnavailableException}; the next call tries again. With
 * an audit log, each operation is in it when its method returns; {@link AuditFailedException} says that it is not.
 *
 * <p>Safe for use by many threads. Verifications run side by side; changes run one after the other.
 */
public final class PackageSecurity implements AutoCloseable {

    private final OpenStore store;

    private PackageSecurity(OpenStore store) {
        this.store = store;
    }

    /** For a store that is there. Connects to nothing yet, and makes no file. */
    public static PackageSecurity open(SecurityConfig config) {
        return new PackageSecurity(new OpenStore(config));
    }

    /**
     * Makes the store if there is none: the SQLite file (mode 0600) and the tables. One that is there is brought up to date;
     * a database of the reference keeps its tables and rows as they are and gets tables whose names begin with
     * {@code guard_}.
     *
     * @throws StoreUnavailableException if that is not possible, or the store is newer than this library
     * @throws AuditFailedException if it was made and that could not be recorded
     */
    public static PackageSecurity create(SecurityConfig config) throws GuardException {
        OpenStore store = new OpenStore(config);
        boolean made = false;
        try {
            store.create();
            made = true;
            return new PackageSecurity(store);
        } finally {
            if (!made) {
                store.close();
            }
        }
    }

    /** Who may sign: the organisation's own keys. */
    public Keys keys() {
        return new Keys(store, false);
    }

    /** Whose signatures count: keys that are trusted, and organisations whose trust is shared. */
    public Trust trust() {
        return new Trust(store, false);
    }

    /** What is said about packages, however they are signed: which are withdrawn, which versions are too old. */
    public Packages packages() {
        return new Packages(store);
    }

    /**
     * Signs with a key of the organisation.
     *
     * @param key its id, fingerprint or name, or a unique prefix, of six characters or more, of the first two
     */
    public Signing signing(String key) {
        return Signing.withStore(store, SigningKeyInput.stored(store, key));
    }

    /**
     * Signs with a private key that is somewhere else. Each signature is checked before it is stored or written.
     *
     * @param publicKey of the key that the signer has
     * @param signer such as a {@link io.cloacina.guard.sign.SignerCommand}, which stays the caller's
     */
    public Signing signing(Ed25519PublicKey publicKey, Signer signer) {
        return Signing.withStore(store, SigningKeyInput.given(CheckedSigner.of(publicKey, signer)));
    }

    /**
     * Signs with a private key that is somewhere else, and whose name and public half are in the store
     * ({@link Keys#importPublicPem}).
     *
     * @param key as for {@link #signing(String)}
     * @param signer as for {@link #signing(Ed25519PublicKey, Signer)}
     */
    public Signing signing(String key, Signer signer) {
        return Signing.withStore(store, SigningKeyInput.named(store, key, signer));
    }

    /** Says whether packages are what a trusted key has signed. */
    public Verification verification() {
        return Verification.withStore(store);
    }

    /**
     * Says whether a package is what a trusted key has signed, by a signature beside it or one in the store: as
     * {@link Verification#verify(Path)} does. To load what was verified, use {@link Verification#copy}.
     *
     * @throws AuditFailedException if the verdict could not be recorded
     */
    public Verdict verify(Path packagePath) throws GuardException {
        return verification().verify(packagePath);
    }

    /** Closes the store; the audit log stays open. */
    @Override
    public void close() {
        store.close();
    }
}
