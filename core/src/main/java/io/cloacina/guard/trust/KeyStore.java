// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * What key management may read and change in a trust store. Knows rows and uniqueness, but no policy: who may be
 * trusted again, or which names are good, is decided above.
 *
 * <p>Every change is atomic and durable when the method returns, and one that finds nothing left to change says so
 * ({@code false}) and changes nothing. Times are kept in microseconds. Safe for use by many threads and, on one
 * database, by many processes. Every method throws {@link StoreUnavailableException} if the store does not answer
 * within its time-out or does not permit what is asked; whether a change was made is then unknown.
 */
public interface KeyStore {

    /** @param sealed the private key as {@code crypto.KeySealer} writes it */
    record SealedKey(SigningKey key, byte[] sealed) {
        public SealedKey {
            Objects.requireNonNull(key);
            sealed = sealed.clone();
        }

        @Override
        public byte[] sealed() {
            return sealed.clone();
        }
    }

    /** Seals one key anew; what it throws ends {@link #reseal} with nothing changed. */
    @FunctionalInterface
    interface Resealer<E extends Exception> {
        byte[] reseal(SealedKey key) throws E;
    }

    /**
     * Whether a key encryption key is the one that the store's keys are sealed under.
     *
     * @param <E> says that it is not
     */
    interface KekCheck<E extends Exception> {
        /** At most 64 characters that only this key encryption key has, and that do not tell it. */
        String value();

        boolean opens(SealedKey key);

        /** @param keys how many there are that it does not open */
        E refusal(int keys);
    }

    /**
     * Adds a key if it is sealed under the same key encryption key as the store's others, which is checked in the
     * transaction that adds it.
     *
     * @param kek under which the row is sealed
     * @return false if the organisation has a key of this name, revoked or not
     * @throws E if it is another one; nothing is added
     */
    <E extends Exception> boolean addSigningKey(SealedKey row, KekCheck<E> kek) throws StoreUnavailableException, E;

    /** All signing keys of an organisation, revoked ones too, oldest first. */
    List<SigningKey> signingKeys(UUID orgId) throws StoreUnavailableException;

    Optional<SealedKey> sealedKey(UUID keyId) throws StoreUnavailableException;

    /** @return false if there is no such key, or it is revoked already */
    boolean revokeSigningKey(UUID keyId, Instant at) throws StoreUnavailableException;

    /**
     * Replaces every sealed key of every organisation, revoked ones too and those that are being added, in one transaction.
     *
     * @param checkValue {@link KekCheck#value} of the key encryption key that they are sealed under from now on
     * @return how many
     */
    <E extends Exception> int reseal(Resealer<E> resealer, String checkValue) throws StoreUnavailableException, E;

    /** @return false if the organisation has a row for this fingerprint, revoked or not */
    boolean addTrustedKey(TrustedKey row) throws StoreUnavailableException;

    Optional<TrustedKey> trustedKey(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException;

    /** What an organisation itself trusts or trusted, revoked rows too, oldest first. */
    List<TrustedKey> trustedKeys(UUID orgId) throws StoreUnavailableException;

    /** What all organisations say about one key, revoked rows too, oldest first. */
    List<TrustedKey> trustedKeys(Fingerprint fingerprint) throws StoreUnavailableException;

    /** The rows, revoked ones too, of all organisations whose trust {@code orgId} shares by a grant that counts. */
    List<TrustedKey> inheritedKeys(UUID orgId) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is revoked already */
    boolean revokeTrustedKey(UUID id, Instant at) throws StoreUnavailableException;

    /**
     * Revokes a key in every organisation that trusts it, also where that trust is being added, in one transaction.
     *
     * @return the rows that were not revoked before, as they are now
     */
    List<TrustedKey> revokeTrustedKeys(Fingerprint fingerprint, Instant at) throws StoreUnavailableException;

    /**
     * Writes public key, name, time of trust and of revocation of the row with {@code row.id()}.
     *
     * @return false if there is no such row
     */
    boolean replaceTrustedKey(TrustedKey row) throws StoreUnavailableException;

    /** @return false if there is a row for these two organisations, revoked or not */
    boolean addGrant(TrustGrant row) throws StoreUnavailableException;

    Optional<TrustGrant> grant(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException;

    /** What an organisation was granted, revoked rows too, oldest first. */
    List<TrustGrant> grants(UUID parentOrgId) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is revoked already */
    boolean revokeGrant(UUID id, Instant at) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is not revoked */
    boolean reinstateGrant(UUID id, Instant grantedAt) throws StoreUnavailableException;

    /** @return false if there is a signature by this key of this package */
    boolean addSignature(PackageSignature row) throws StoreUnavailableException;

    /**
     * Adds all of them, in one transaction, but for those of packages of which there is a signature by the same key.
     *
     * @return the rows that were not added
     */
    List<PackageSignature> addSignatures(List<PackageSignature> rows) throws StoreUnavailableException;

    /** Puts {@code row.signature()} and {@code row.signedAt()} in the place of what the same key has for the package. */
    boolean replaceSignature(PackageSignature row) throws StoreUnavailableException;

    /** How many packages have signatures both by this key and by another. */
    long packagesAlsoSignedByOthers(Fingerprint fingerprint) throws StoreUnavailableException;

    /** All signatures of a package, oldest first. */
    List<PackageSignature> signatures(PackageHash packageHash) throws StoreUnavailableException;
}
