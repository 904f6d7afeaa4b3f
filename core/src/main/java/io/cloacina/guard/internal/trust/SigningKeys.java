// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.internal.trust.KeyStore.KekCheck;
import io.cloacina.guard.internal.trust.KeyStore.Resealer;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The rows of {@code signing_keys}; what {@link KeyStore} promises holds for each method. */
public interface SigningKeys {

    /**
     * Adds a key if it is sealed under the same key encryption key as the store's others, which is checked in the
     * transaction that adds it.
     *
     * @param kek under which the row is sealed
     * @return false if the organisation has a key of this name, revoked or not
     * @throws E if it is another one; nothing is added
     */
    <E extends Exception> boolean add(SealedKey row, KekCheck<E> kek) throws StoreUnavailableException, E;

    /**
     * Adds the name and the public half of a key whose private half is elsewhere: the row seals nothing, in zero bytes.
     *
     * @return false if the organisation has a key of this name, revoked or not
     */
    boolean addPublic(SigningKey row) throws StoreUnavailableException;

    /** All signing keys of an organisation, revoked ones too, oldest first. */
    List<SigningKey> of(UUID orgId) throws StoreUnavailableException;

    /** Of a key whose private half is elsewhere, with zero bytes. */
    Optional<SealedKey> sealed(UUID keyId) throws StoreUnavailableException;

    /** @return false if there is no such key, or it is revoked already */
    boolean revoke(UUID keyId, Instant at) throws StoreUnavailableException;

    /**
     * Replaces every sealed key of every organisation, revoked ones too and those that are being added, in one transaction.
     * Rows that seal nothing stay as they are.
     *
     * @param checkValue {@link KekCheck#value} of the key encryption key that they are sealed under from now on
     * @return how many
     */
    <E extends Exception> int reseal(Resealer<E> resealer, String checkValue) throws StoreUnavailableException, E;
}
