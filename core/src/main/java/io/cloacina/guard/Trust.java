// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.sign.TrustLimits;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whose signatures count for an organisation: keys that it trusts, and organisations whose trust it shares.
 *
 * <p>What is asked twice is done once: a second {@code add}, {@code grant} or {@code revoke} of the same changes nothing,
 * first dates stay, and {@link Change#changed} is false. What was revoked comes back only by {@link #reinstating}. A
 * {@code key} in text form is chosen as {@link Keys} does. Every method throws {@link StoreUnavailableException} if
 * the store does not answer, {@link KeyException} with its reason if something may not or cannot be done, and
 * {@link AuditFailedException} if what was done could not be recorded.
 *
 * <p>Events: {@code key.trusted.added}, {@code key.trusted.revoked}, {@code key.trust_acl.granted},
 * {@code key.trust_acl.revoked}. Safe for use by many threads.
 */
public final class Trust {

    private final OpenStore store;
    private final boolean reinstate;

    Trust(OpenStore store, boolean reinstate) {
        this.store = store;
        this.reinstate = reinstate;
    }

    /** This, which also gives back what was revoked, from now on. */
    public Trust reinstating() {
        return new Trust(store, true);
    }

    /**
     * Trusts a public key.
     *
     * @param raw 32 bytes (RFC 8032, section 5.1.2)
     * @param name what to call it, or null
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}, {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> add(byte[] raw, @Nullable String name) throws GuardException {
        return store.change(opened -> manager(opened).trustPublicKey(org(), raw, name, reinstate));
    }

    /**
     * Trusts a public key.
     *
     * @param name what to call it, or null
     * @throws KeyException {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> add(Ed25519PublicKey key, @Nullable String name) throws GuardException {
        return store.change(opened -> manager(opened).trustPublicKey(org(), key, name, reinstate));
    }

    /**
     * Trusts a public key.
     *
     * @param pem the text of a SubjectPublicKeyInfo, as {@code openssl pkey -pubout} writes it
     * @param name what to call it, or null
     * @throws KeyException {@code MALFORMED_KEY}, {@code WEAK_KEY}, {@code BAD_NAME}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> addPem(String pem, @Nullable String name) throws GuardException {
        byte[] text = pem.getBytes(StandardCharsets.UTF_8);
        return store.change(opened -> manager(opened).trustPublicKeyPem(org(), text, name, reinstate));
    }

    /**
     * Trusts the public key in a file.
     *
     * @param pem as for {@link #addPem(String, String)}
     * @param name what to call it, or null
     * @throws KeyException {@code UNUSABLE_FILE}, and those of {@link #addPem(String, String)}
     */
    public Change<TrustedKey> addPem(Path pem, @Nullable String name) throws GuardException {
        return add(KeyFiles.readPublicKey(pem), name);
    }

    /**
     * Trusts one of the organisation's own signing keys, under its name.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code DAMAGED_ROW}, {@code TRUST_REVOKED}
     */
    public Change<TrustedKey> addOwn(String key) throws GuardException {
        return store.change(opened -> manager(opened).trustSigningKey(org(), key, null, reinstate));
    }

    /**
     * Limits what a key may sign, and until when, for this organisation and for those that inherit its trust.
     *
     * @param key one that the organisation trusts itself
     * @param limit in the place of one that is there; {@link KeyLimit#NONE} takes that away
     * @return whether that changed anything
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}, {@code NOT_OWN_TRUST}, {@code BAD_GLOB}
     */
    public boolean limit(String key, KeyLimit limit) throws GuardException {
        return store.change(opened -> {
            TrustLimits limits = new TrustLimits(opened, store.config.clock, store.random);
            return limits.set(limits.ownKey(org(), key), limit);
        });
    }

    /**
     * Takes trust in a key back, for the next verification of every process. An inherited key is revoked for this
     * organisation alone.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public Change<TrustedKey> revoke(String key) throws GuardException {
        return store.change(opened -> manager(opened).revokeTrustedKey(org(), key));
    }

    /**
     * Takes the trust of every organisation in a key back.
     *
     * @return the rows that changed, as they are now; empty if all were revoked already
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public List<TrustedKey> revokeEverywhere(String key) throws GuardException {
        return store.change(opened -> manager(opened).revokeTrustedKeyEverywhere(org(), key));
    }

    /** What counts now: the organisation's own keys first, then what it inherits, each oldest first. */
    public List<TrustEntry> list() throws GuardException {
        return manager(store.forKeys()).trustedKeys(org(), false);
    }

    /** As {@link #list}, with what is revoked, overruled or unusable; {@link TrustEntry#standing} tells. */
    public List<TrustEntry> listAll() throws GuardException {
        return manager(store.forKeys()).trustedKeys(org(), true);
    }

    /**
     * From now on also trusts what another organisation trusts directly.
     *
     * @throws KeyException {@code GRANT_REVOKED}
     */
    public Change<TrustGrant> grant(UUID childOrganisation) throws GuardException {
        return store.change(opened -> manager(opened).grantTrust(org(), childOrganisation, reinstate));
    }

    /**
     * Takes a grant back.
     *
     * @return the grant as it is now
     * @throws KeyException {@code NOT_GRANTED} if there is none, or it was taken back already
     */
    public TrustGrant ungrant(UUID childOrganisation) throws GuardException {
        return store.change(opened -> manager(opened).revokeGrant(org(), childOrganisation));
    }

    /** The organisations whose trust is shared, oldest grant first. */
    public List<TrustGrant> grants() throws GuardException {
        return manager(store.forKeys()).grants(org(), false);
    }

    private UUID org() {
        return store.config.organisation;
    }

    private TrustManager manager(JdbiStore opened) {
        return new TrustManager(opened, store.config.clock, store.random);
    }
}
