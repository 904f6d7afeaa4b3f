// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.KeyEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.sign.KeyManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreStatus;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.PublicKeyExport;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * An organisation's signing keys: who may sign.
 *
 * <p>A {@code key} in text form is an exact id, else an exact fingerprint, else an exact name, else a unique prefix, of six
 * characters or more, of an id or fingerprint. Private keys are sealed under the configured key encryption key; where it is
 * needed and none is configured, methods throw {@link IllegalStateException}. Every method throws
 * {@link StoreUnavailableException} if the store does not answer, {@link KeyException} with its reason if something may not
 * or cannot be done, and {@link AuditFailedException} if what was done could not be recorded.
 *
 * <p>Events: {@code key.signing.created}, {@code key.signing.create_failed}, {@code key.signing.revoked},
 * {@code key.exported}, {@code key.resealed}. Safe for use by many threads.
 */
public final class Keys {

    private final OpenStore store;
    private final boolean referenceFormat;

    Keys(OpenStore store, boolean referenceFormat) {
        this.store = store;
        this.referenceFormat = referenceFormat;
    }

    /**
     * These, which seal private keys as the reference does, without a binding to their rows, so that both programs can use
     * them. In a database that the reference has made, that is done in any case.
     */
    public Keys inReferenceFormat() {
        return new Keys(store, true);
    }

    /**
     * Makes a new signing key and stores it sealed. To have its signatures accepted, {@link Trust#addOwn trust} it.
     *
     * @param name 1 to 255 Unicode code points without control characters, not yet taken in the organisation
     * @throws KeyException {@code BAD_NAME}, {@code NAME_TAKEN}, {@code WRONG_KEK} if the store's keys are sealed under
     *     another key encryption key, {@code MALFORMED_KEK}, {@code UNUSABLE_FILE}
     */
    public SigningKey create(String name) throws GuardException {
        return made(name, (manager, kek, form) -> manager.createSigningKey(org(), name, kek, form));
    }

    /**
     * Stores a private key that was made elsewhere, sealed.
     *
     * @param name as for {@link #create}
     * @param pem PKCS#8, not encrypted, as {@code openssl genpkey -algorithm ed25519} writes it
     * @throws KeyException {@code MALFORMED_KEY}, {@code UNUSABLE_FILE}, and those of {@link #create}
     */
    public SigningKey importPem(String name, Path pem) throws GuardException {
        return made(name, (manager, kek, form) -> {
            try (Ed25519PrivateKey key = KeyFiles.readPrivateKey(pem)) {
                return manager.importSigningKey(org(), name, key, kek, form);
            }
        });
    }

    /**
     * Gives a key a name whose private half is elsewhere. It signs with {@link PackageSecurity#signing(String,
     * io.cloacina.guard.sign.Signer)} only; no key encryption key is needed.
     *
     * @param name as for {@link #create}
     * @param pem SubjectPublicKeyInfo
     * @throws KeyException {@code BAD_NAME}, {@code NAME_TAKEN}, {@code MALFORMED_KEY}, {@code WEAK_KEY},
     *     {@code UNUSABLE_FILE}
     */
    public SigningKey importPublicPem(String name, Path pem) throws GuardException {
        return recordingFailure(
                name,
                () -> store.change(
                        opened -> manager(opened).importPublicKey(org(), name, KeyFiles.readPublicKey(pem))));
    }

    private interface Attempt {
        SigningKey make() throws GuardException;
    }

    private interface Making {
        SigningKey make(KeyManager manager, Kek kek, KeySealer.Form form) throws GuardException;
    }

    private SigningKey made(String name, Making making) throws GuardException {
        return recordingFailure(
                name,
                () -> store.config.kek.use(
                        kek -> store.change(opened -> making.make(manager(opened), kek, form(opened)))));
    }

    private SigningKey recordingFailure(String name, Attempt attempt) throws GuardException {
        try {
            return attempt.make();
        } catch (KeyException | StoreUnavailableException e) {
            record(KeyEvents.notCreated(org(), name, e.getMessage()));
            throw e;
        }
    }

    /** All of them, revoked ones too, oldest first. */
    public List<SigningKey> list() throws GuardException {
        return manager().signingKeys(org());
    }

    /** @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY} */
    public SigningKey get(String key) throws GuardException {
        return manager().signingKey(org(), key);
    }

    /**
     * The public half, as PEM and as 32 raw bytes, for those who verify; also of a revoked key.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code DAMAGED_ROW}
     */
    public PublicKeyExport export(String key) throws GuardException {
        PublicKeyExport exported = manager().exportPublicKey(org(), key);
        record(KeyEvents.publicKeyExported(exported.key()));
        return exported;
    }

    /**
     * Writes the private half, also of a revoked key, into a new file that only its owner may read: PKCS#8, mode 0600. The
     * event is written before the key is.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code WRONG_KEK}, {@code DAMAGED_ROW},
     *     {@code UNUSABLE_FILE}, also if there is such a file already
     */
    public void exportPrivateKey(String key, Path newFile) throws GuardException {
        SigningKey row = get(key);
        store.config.kek.use(kek -> {
            try (Ed25519PrivateKey opened =
                    manager().exportPrivateKey(org(), row.id().toString(), kek)) {
                KeyFiles.writePrivateKey(newFile, opened, () -> record(KeyEvents.privateKeyExported(row)));
            }
            return row;
        });
    }

    /**
     * From now on the key signs nothing new. What it signed, and trust in it, stay as they are: see {@link Trust#revoke}.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public Change<SigningKey> revoke(String key) throws GuardException {
        return store.change(opened -> manager(opened).revokeSigningKey(org(), key));
    }

    /**
     * Seals every private key of the store, of every organisation, revoked ones too, under a new key encryption key: all
     * or none. Afterwards the configured one is of no use any more.
     *
     * @param next stays the caller's
     * @return how many
     * @throws KeyException {@code WRONG_KEK}, {@code DAMAGED_ROW}; the message names the key
     */
    public int reseal(Kek next) throws GuardException {
        return store.config.kek.use(
                kek -> store.change(opened -> manager(opened).reseal(kek, next, form(opened))));
    }

    /** What both programs can open, in a database of the reference; else bound to its row. */
    private KeySealer.Form form(JdbiStore opened) throws StoreUnavailableException {
        return referenceFormat || opened.origin() == StoreStatus.Origin.REFERENCE
                ? KeySealer.Form.REFERENCE
                : KeySealer.Form.BOUND;
    }

    private UUID org() {
        return store.config.organisation;
    }

    private KeyManager manager() {
        return manager(store.forKeys());
    }

    private KeyManager manager(JdbiStore opened) {
        return new KeyManager(opened, store.config.clock, store.random);
    }

    private void record(AuditEvent event) throws AuditFailedException {
        if (store.config.auditLog != null) {
            store.config.auditLog.record(event);
        }
    }
}
