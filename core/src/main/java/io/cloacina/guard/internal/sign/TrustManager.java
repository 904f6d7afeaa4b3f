// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.MalformedKeyException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.sign.TrustEntry.Standing;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The life of trust in a store: whose signatures count for an organisation, and when that ends.
 *
 * <p>What is asked twice is done once: a second {@code trust}, {@code grant} or {@code revoke} of the same changes
 * nothing, and first dates stay. What was revoked comes back only on demand. Every method throws
 * {@link StoreUnavailableException} if the store does not answer, and {@link KeyException} with the reason if something
 * may not or cannot be done; then nothing was changed. A {@code key} in text form is chosen as {@link KeyManager} does.
 *
 * <p>Safe for use by many threads.
 */
public final class TrustManager {

    private final KeyStore store;
    private final NewRows rows;

    public TrustManager(KeyStore store, Clock clock, SecureRandom random) {
        this.store = Objects.requireNonNull(store);
        this.rows = new NewRows(clock, random);
    }

    /**
     * Trusts a key given as 32 raw bytes.
     *
     * @param name what to call it, or null
     * @param reinstate whether trust that was taken back may be given again
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}, {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> trustPublicKey(UUID orgId, byte[] raw, @Nullable String name, boolean reinstate)
            throws KeyException, StoreUnavailableException {
        return trustPublicKey(orgId, publicKey(raw), name, reinstate);
    }

    /**
     * A public key given as 32 raw bytes.
     *
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}
     */
    public static Ed25519PublicKey publicKey(byte[] raw) throws KeyException {
        if (raw.length != Ed25519PublicKey.SIZE_BYTES) {
            throw new KeyException(Reason.MALFORMED_KEY, "a public key has 32 bytes, not [" + raw.length + "]");
        }
        try {
            return Ed25519PublicKey.of(raw);
        } catch (RejectedKeyException e) {
            throw new KeyException(Reason.WEAK_KEY, e.getMessage(), e);
        }
    }

    /**
     * Trusts a key given as PEM.
     *
     * @param pem content of a SubjectPublicKeyInfo PEM file
     * @param name what to call it, or null
     * @param reinstate whether trust that was taken back may be given again
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}, {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> trustPublicKeyPem(UUID orgId, byte[] pem, @Nullable String name, boolean reinstate)
            throws KeyException, StoreUnavailableException {
        return trustPublicKey(orgId, publicKeyOfPem(pem), name, reinstate);
    }

    /**
     * A public key given as PEM.
     *
     * @param pem content of a SubjectPublicKeyInfo PEM file
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}
     */
    public static Ed25519PublicKey publicKeyOfPem(byte[] pem) throws KeyException {
        try {
            return Pem.readPublicKey(pem);
        } catch (MalformedKeyException e) {
            throw new KeyException(Reason.MALFORMED_KEY, e.getMessage(), e);
        } catch (RejectedKeyException e) {
            throw new KeyException(Reason.WEAK_KEY, e.getMessage(), e);
        }
    }

    /**
     * Trusts a signing key of the organisation, also a revoked one.
     *
     * @param name what to call it; null takes over the signing key's name
     * @param reinstate whether trust that was taken back may be given again
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code DAMAGED_ROW}, {@code BAD_NAME},
     *     {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> trustSigningKey(UUID orgId, String key, @Nullable String name, boolean reinstate)
            throws KeyException, StoreUnavailableException {
        return trustSigningKey(orgId, key, name, reinstate, null);
    }

    /**
     * Like {@link #trustSigningKey(UUID, String, String, boolean)}, limiting the key from the first moment.
     *
     * @param limit null leaves a limit that is there as it is
     * @throws KeyException also {@code BAD_GLOB}
     */
    public Change<TrustedKey> trustSigningKey(
            UUID orgId, String key, @Nullable String name, boolean reinstate, @Nullable KeyLimit limit)
            throws KeyException, StoreUnavailableException {
        SigningKey row = KeyChoice.signingKey(store.signingKeys().of(orgId), key);
        return trustPublicKey(orgId, SealedKeys.publicKey(row), name == null ? row.name() : name, reinstate, limit);
    }

    /**
     * Trusts a key. If the organisation trusts it already, nothing is changed, not even the name; a row that does not
     * count, because its public key is not the one of its fingerprint, is mended.
     *
     * @param name what to call it, or null
     * @param reinstate whether trust that was taken back may be given again, from now on
     * @throws KeyException {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> trustPublicKey(UUID orgId, Ed25519PublicKey key, @Nullable String name, boolean reinstate)
            throws KeyException, StoreUnavailableException {
        return trustPublicKey(orgId, key, name, reinstate, null);
    }

    /**
     * Like {@link #trustPublicKey(UUID, Ed25519PublicKey, String, boolean)}, limiting the key from the first moment; one
     * that is trusted already gets the limit too.
     *
     * @param limit null leaves a limit that is there as it is
     * @throws KeyException also {@code BAD_GLOB}
     */
    public Change<TrustedKey> trustPublicKey(
            UUID orgId, Ed25519PublicKey key, @Nullable String name, boolean reinstate, @Nullable KeyLimit limit)
            throws KeyException, StoreUnavailableException {
        if (name != null) {
            NewRows.requireName(name);
        }
        LimitedKey limited = limit == null ? null : TrustLimits.row(rows, orgId, key.fingerprint(), limit);
        TrustedKey fresh = new TrustedKey(rows.newId(), orgId, key.fingerprint(), key.raw(), name, rows.now(), null);
        if (limited == null
                ? store.trustedKeys().add(fresh)
                : store.trustedKeys().add(fresh, limited)) {
            return new Change<>(fresh, true);
        }
        TrustedKey present = store.trustedKeys()
                .find(orgId, key.fingerprint())
                .orElseThrow(() -> NewRows.vanished("trusted key [" + key.fingerprint() + "]"));
        if (present.isRevoked() && !reinstate) {
            throw new KeyException(
                    Reason.TRUST_REVOKED,
                    "trust in key [" + key.fingerprint() + "] was revoked at [" + present.revokedAt()
                            + "]; it comes back only if it is reinstated",
                    List.of(),
                    present.revokedAt(),
                    null);
        }
        boolean sound = Arrays.equals(present.publicKey(), key.raw());
        if (!present.isRevoked() && sound) {
            return new Change<>(present, limited != null && store.keyLimits().set(limited));
        }
        TrustedKey again = new TrustedKey(
                present.id(),
                orgId,
                key.fingerprint(),
                key.raw(),
                name == null ? present.name() : name,
                present.isRevoked() ? rows.now() : present.trustedAt(),
                null);
        if (!(limited == null
                ? store.trustedKeys().replace(again)
                : store.trustedKeys().replace(again, limited))) {
            throw NewRows.vanished("trusted key [" + key.fingerprint() + "]");
        }
        return new Change<>(again, true);
    }

    /**
     * What an organisation trusts, directly and by grants: its own rows first, each group oldest first.
     *
     * @param all whether to include what is revoked, overruled or unusable
     */
    public List<TrustEntry> trustedKeys(UUID orgId, boolean all) throws StoreUnavailableException {
        Map<UUID, Map<Fingerprint, KeyLimit>> limits = new HashMap<>();
        for (LimitedKey limited : store.keyLimits().countingFor(orgId)) {
            limits.computeIfAbsent(limited.orgId(), by -> new HashMap<>()).put(limited.fingerprint(), limited.limit());
        }
        List<TrustEntry> entries = new ArrayList<>();
        Set<Fingerprint> revoked = new HashSet<>();
        for (TrustedKey key : store.trustedKeys().of(orgId)) {
            if (key.isRevoked()) {
                revoked.add(key.fingerprint());
            }
            entries.add(new TrustEntry(key, standing(key, Standing.DIRECT), limit(limits, key)));
        }
        for (TrustedKey key : store.trustedKeys().inheritedBy(orgId)) {
            entries.add(new TrustEntry(
                    key,
                    standing(key, revoked.contains(key.fingerprint()) ? Standing.OVERRULED : Standing.INHERITED),
                    limit(limits, key)));
        }
        return entries.stream().filter(entry -> all || entry.isActive()).toList();
    }

    private static KeyLimit limit(Map<UUID, Map<Fingerprint, KeyLimit>> limits, TrustedKey key) {
        return limits.getOrDefault(key.orgId(), Map.of()).getOrDefault(key.fingerprint(), KeyLimit.NONE);
    }

    private static Standing standing(TrustedKey key, Standing ifSound) {
        if (key.isRevoked()) {
            return Standing.REVOKED;
        }
        try {
            SealedKeys.publicKey(key.fingerprint(), key.publicKey(), "trusted key", key.id());
            return ifSound;
        } catch (KeyException e) {
            return Standing.UNUSABLE;
        }
    }

    /**
     * Takes an organisation's trust in a key back. A key that it trusts only through others is revoked for it alone: it
     * gets a row of its own, which says so and wins over inherited trust.
     *
     * @param key chosen among the organisation's own rows first, then among what it inherits
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public Change<TrustedKey> revokeTrustedKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        TrustedKey row = knownKey(orgId, key);
        Instant now = rows.now();
        if (!row.orgId().equals(orgId)) {
            TrustedKey revoked =
                    new TrustedKey(rows.newId(), orgId, row.fingerprint(), row.publicKey(), row.name(), now, now);
            if (store.trustedKeys().add(revoked)) {
                return new Change<>(revoked, true);
            }
            // Another process gave the organisation a row of its own meanwhile; that one is meant.
            return revokeTrustedKey(orgId, row.fingerprint().hex());
        }
        boolean changed = store.trustedKeys().revoke(row.id(), now);
        return new Change<>(
                store.trustedKeys()
                        .find(orgId, row.fingerprint())
                        .orElseThrow(() -> NewRows.vanished("trusted key [" + row.fingerprint() + "]")),
                changed);
    }

    /**
     * Takes the trust of every organisation in a key back.
     *
     * @param key a full fingerprint, or what {@link #revokeTrustedKey} takes
     * @return the rows that changed, as they are now; empty if all were revoked already
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public List<TrustedKey> revokeTrustedKeyEverywhere(UUID orgId, String key)
            throws KeyException, StoreUnavailableException {
        Fingerprint fingerprint = Fingerprint.isValid(key)
                ? new Fingerprint(key)
                : knownKey(orgId, key).fingerprint();
        if (store.trustedKeys().of(fingerprint).isEmpty()) {
            throw KeyChoice.unknown("trusted key", key, List.of());
        }
        return store.trustedKeys().revokeEverywhere(fingerprint, rows.now());
    }

    private TrustedKey knownKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        return knownKey(store, orgId, key);
    }

    /** Chosen among the organisation's own rows first, then among what it inherits. */
    static TrustedKey knownKey(KeyStore store, UUID orgId, String key) throws KeyException, StoreUnavailableException {
        List<TrustedKey> inherited = store.trustedKeys().inheritedBy(orgId).stream()
                .filter(row -> !row.isRevoked())
                .toList();
        return KeyChoice.trustedKey(store.trustedKeys().of(orgId), inherited, key);
    }

    /**
     * Lets {@code parentOrgId} trust what {@code childOrgId} trusts directly.
     *
     * @param reinstate whether a grant that was taken back may be given again, from now on
     * @throws KeyException {@code GRANT_REVOKED}
     */
    public Change<TrustGrant> grantTrust(UUID parentOrgId, UUID childOrgId, boolean reinstate)
            throws KeyException, StoreUnavailableException {
        TrustGrant fresh = new TrustGrant(rows.newId(), parentOrgId, childOrgId, rows.now(), null);
        if (store.grants().add(fresh)) {
            return new Change<>(fresh, true);
        }
        TrustGrant present = grant(parentOrgId, childOrgId);
        if (!present.isRevoked()) {
            return new Change<>(present, false);
        }
        if (!reinstate) {
            throw new KeyException(
                    Reason.GRANT_REVOKED,
                    "the grant to trust organisation [" + childOrgId + "] was revoked at [" + present.revokedAt()
                            + "]; it comes back only if it is reinstated",
                    List.of(),
                    present.revokedAt(),
                    null);
        }
        boolean changed = store.grants().reinstate(present.id(), rows.now());
        return new Change<>(grant(parentOrgId, childOrgId), changed);
    }

    /**
     * Takes a grant back.
     *
     * @return the grant as it is now
     * @throws KeyException {@code NOT_GRANTED} if there is none, or it was taken back already
     */
    public TrustGrant revokeGrant(UUID parentOrgId, UUID childOrgId) throws KeyException, StoreUnavailableException {
        Optional<TrustGrant> present = store.grants().find(parentOrgId, childOrgId);
        if (present.isEmpty() || !store.grants().revoke(present.get().id(), rows.now())) {
            throw new KeyException(
                    Reason.NOT_GRANTED,
                    "organisation [" + parentOrgId + "] has no grant to trust organisation [" + childOrgId + "]"
                            + (present.isEmpty() ? "" : " any more"),
                    List.of(),
                    present.map(TrustGrant::revokedAt).orElse(null),
                    null);
        }
        return grant(parentOrgId, childOrgId);
    }

    /** What an organisation was granted, oldest first, the revoked grants only if {@code all}. */
    public List<TrustGrant> grants(UUID parentOrgId, boolean all) throws StoreUnavailableException {
        return store.grants().of(parentOrgId).stream()
                .filter(grant -> all || !grant.isRevoked())
                .toList();
    }

    private TrustGrant grant(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException {
        return store.grants().find(parentOrgId, childOrgId).orElseThrow(() -> NewRows.vanished("grant"));
    }
}
