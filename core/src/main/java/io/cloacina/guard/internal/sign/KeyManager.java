// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.MalformedKeyException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.PublicKeyExport;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The life of signing keys in a store: who may sign, and when that ends. {@link TrustManager} says whose signatures count.
 *
 * <p>A second {@code revoke} of the same key changes nothing, and the first date stays. Every method throws
 * {@link StoreUnavailableException} if the store does not answer, and {@link KeyException} with the reason if something
 * may not or cannot be done; then nothing was changed. A {@code key} in text form is an exact id, else an exact
 * fingerprint, else an exact name, else a unique prefix, of six characters or more, of an id or fingerprint.
 *
 * <p>Key encryption keys stay the caller's, who closes them. Safe for use by many threads.
 */
public final class KeyManager {

    private final KeyStore store;
    private final NewRows rows;
    private final SecureRandom random;

    public KeyManager(KeyStore store, Clock clock, SecureRandom random) {
        this.store = Objects.requireNonNull(store);
        this.rows = new NewRows(clock, random);
        this.random = random;
    }

    /**
     * Makes a new signing key and stores it sealed.
     *
     * @param name 1 to 255 Unicode code points without control characters, not yet taken in the organisation
     * @throws KeyException {@code BAD_NAME}, {@code NAME_TAKEN}, {@code WRONG_KEK} if the store's keys are sealed under
     *     another key encryption key
     */
    public SigningKey createSigningKey(UUID orgId, String name, Kek kek, KeySealer.Form form)
            throws KeyException, StoreUnavailableException {
        NewRows.requireName(name);
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(random)) {
            return storeSigningKey(orgId, name, key, kek, form);
        }
    }

    /**
     * Stores a private key that was made elsewhere.
     *
     * @param pem content of a PKCS#8 PEM file; the caller wipes it
     * @throws KeyException {@code MALFORMED_KEY}, {@code BAD_NAME}, {@code NAME_TAKEN}, {@code WRONG_KEK}
     */
    public SigningKey importSigningKey(UUID orgId, String name, byte[] pem, Kek kek, KeySealer.Form form)
            throws KeyException, StoreUnavailableException {
        NewRows.requireName(name);
        try (Ed25519PrivateKey key = Pem.readPrivateKey(pem)) {
            return importSigningKey(orgId, name, key, kek, form);
        } catch (MalformedKeyException e) {
            throw new KeyException(Reason.MALFORMED_KEY, e.getMessage(), e);
        }
    }

    /**
     * Stores a private key that was made elsewhere.
     *
     * @param key stays the caller's
     * @throws KeyException {@code BAD_NAME}, {@code NAME_TAKEN}, {@code WRONG_KEK}
     */
    public SigningKey importSigningKey(UUID orgId, String name, Ed25519PrivateKey key, Kek kek, KeySealer.Form form)
            throws KeyException, StoreUnavailableException {
        NewRows.requireName(name);
        return storeSigningKey(orgId, name, key, kek, form);
    }

    /**
     * Gives a key a name whose private half is elsewhere, and signs by a signer only.
     *
     * @throws KeyException {@code BAD_NAME}, {@code NAME_TAKEN}
     */
    public SigningKey importPublicKey(UUID orgId, String name, Ed25519PublicKey key)
            throws KeyException, StoreUnavailableException {
        NewRows.requireName(name);
        SigningKey row =
                new SigningKey(rows.newId(), orgId, name, key.fingerprint(), key.raw(), rows.now(), null, true);
        if (!store.signingKeys().addPublic(row)) {
            throw nameTaken(name);
        }
        return row;
    }

    private static KeyException nameTaken(String name) {
        return new KeyException(
                Reason.NAME_TAKEN, "the organisation has a signing key [" + name + "] (a revoked one keeps its name)");
    }

    private SigningKey storeSigningKey(UUID orgId, String name, Ed25519PrivateKey key, Kek kek, KeySealer.Form form)
            throws KeyException, StoreUnavailableException {
        Ed25519PublicKey publicKey = key.publicKey();
        UUID id = rows.newId();
        byte[] sealed = new KeySealer(kek).seal(key, new KeySealer.Row(id, orgId, publicKey), form, random);
        SigningKey row = new SigningKey(id, orgId, name, publicKey.fingerprint(), publicKey.raw(), rows.now(), null);
        if (!store.signingKeys().add(new SealedKey(row, sealed), new SealedKeys.Check(kek))) {
            throw nameTaken(name);
        }
        return row;
    }

    /** All signing keys of an organisation, revoked ones too, oldest first. */
    public List<SigningKey> signingKeys(UUID orgId) throws StoreUnavailableException {
        return store.signingKeys().of(orgId);
    }

    /** @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY} */
    public SigningKey signingKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        return KeyChoice.signingKey(store.signingKeys().of(orgId), key);
    }

    /**
     * Opens a signing key in order to sign with it.
     *
     * @return to be closed by the caller
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code SIGNING_KEY_REVOKED}, {@code WRONG_KEK},
     *     {@code DAMAGED_ROW}, {@code NO_PRIVATE_KEY}
     */
    public Ed25519PrivateKey openSigningKey(UUID orgId, String key, Kek kek)
            throws KeyException, StoreUnavailableException {
        SealedKey row = sealedKey(orgId, key);
        requireUnrevoked(row.key());
        return SealedKeys.open(row, kek);
    }

    private static void requireUnrevoked(SigningKey key) throws KeyException {
        if (key.isRevoked()) {
            throw new KeyException(
                    Reason.SIGNING_KEY_REVOKED,
                    "signing key [" + key.name() + "] was revoked at [" + key.revokedAt() + "] and signs nothing new",
                    List.of(),
                    key.revokedAt(),
                    null);
        }
    }

    /** @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code NO_PRIVATE_KEY} */
    public void requirePrivateKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        SealedKeys.requirePrivate(signingKey(orgId, key));
    }

    /**
     * The public half of a signing key whose signatures a signer makes.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code SIGNING_KEY_REVOKED}, {@code DAMAGED_ROW},
     *     {@code HAS_PRIVATE_KEY}
     */
    public Ed25519PublicKey keyOfSigner(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        SigningKey row = signingKey(orgId, key);
        requireUnrevoked(row);
        if (!row.publicOnly()) {
            throw new KeyException(
                    Reason.HAS_PRIVATE_KEY,
                    "signing key [" + row.name() + "] signs by itself, and no other program or service for it");
        }
        return SealedKeys.publicKey(row);
    }

    /**
     * The public half of a signing key, also of a revoked one.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code DAMAGED_ROW}
     */
    public PublicKeyExport exportPublicKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        SigningKey row = signingKey(orgId, key);
        return new PublicKeyExport(row, SealedKeys.publicKey(row));
    }

    /**
     * The private half, also of a revoked key.
     *
     * @return to be closed by the caller; {@link Pem#exposePrivateKey} makes PKCS#8 of it
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code WRONG_KEK}, {@code DAMAGED_ROW},
     *     {@code NO_PRIVATE_KEY}
     */
    public Ed25519PrivateKey exportPrivateKey(UUID orgId, String key, Kek kek)
            throws KeyException, StoreUnavailableException {
        return SealedKeys.open(sealedKey(orgId, key), kek);
    }

    /**
     * From now on the key signs nothing new. What it signed, and trust in it, stay as they are.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public Change<SigningKey> revokeSigningKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        SigningKey row = signingKey(orgId, key);
        boolean changed = store.signingKeys().revoke(row.id(), rows.now());
        return new Change<>(signingKey(orgId, row.id().toString()), changed);
    }

    /**
     * Seals every key of every organisation, revoked ones too, under a new key encryption key: all or none.
     *
     * @return how many; those whose private half is elsewhere are not counted
     * @throws KeyException {@code WRONG_KEK}, {@code DAMAGED_ROW}; the message names the key
     */
    public int reseal(Kek present, Kek future, KeySealer.Form form) throws KeyException, StoreUnavailableException {
        KeySealer sealer = new KeySealer(future);
        return store.signingKeys()
                .<KeyException>reseal(
                        row -> {
                            try (Ed25519PrivateKey key = SealedKeys.open(row, present)) {
                                return sealer.seal(key, SealedKeys.sealerRow(row.key()), form, random);
                            }
                        },
                        future.checkValue());
    }

    private SealedKey sealedKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        SigningKey row = signingKey(orgId, key);
        return store.signingKeys()
                .sealed(row.id())
                .orElseThrow(() -> NewRows.vanished("signing key [" + row.id() + "]"));
    }
}
