// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustedKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The rows of {@code trusted_keys}; what {@link KeyStore} promises holds for each method. */
public interface TrustedKeys {

    /** @return false if the organisation has a row for this fingerprint, revoked or not */
    boolean add(TrustedKey row) throws StoreUnavailableException;

    /**
     * Like {@link #add(TrustedKey)}, putting a limit on the key in the same transaction, in the place of one that is
     * there.
     *
     * @return false if the organisation has a row for this fingerprint; then the limit is not changed
     */
    boolean add(TrustedKey row, LimitedKey limit) throws StoreUnavailableException;

    Optional<TrustedKey> find(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException;

    /** What an organisation itself trusts or trusted, revoked rows too, oldest first. */
    List<TrustedKey> of(UUID orgId) throws StoreUnavailableException;

    /** What all organisations say about one key, revoked rows too, oldest first. */
    List<TrustedKey> of(Fingerprint fingerprint) throws StoreUnavailableException;

    /** The rows, revoked ones too, of all organisations whose trust {@code orgId} shares by a grant that counts. */
    List<TrustedKey> inheritedBy(UUID orgId) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is revoked already */
    boolean revoke(UUID id, Instant at) throws StoreUnavailableException;

    /**
     * Revokes a key in every organisation that trusts it, also where that trust is being added, in one transaction.
     *
     * @return the rows that were not revoked before, as they are now
     */
    List<TrustedKey> revokeEverywhere(Fingerprint fingerprint, Instant at) throws StoreUnavailableException;

    /**
     * Writes public key, name, time of trust and of revocation of the row with {@code row.id()}.
     *
     * @return false if there is no such row
     */
    boolean replace(TrustedKey row) throws StoreUnavailableException;

    /**
     * Like {@link #replace(TrustedKey)}, putting a limit on the key in the same transaction, in the place of one that is
     * there.
     */
    boolean replace(TrustedKey row, LimitedKey limit) throws StoreUnavailableException;
}
