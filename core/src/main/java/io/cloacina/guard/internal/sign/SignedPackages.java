// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.StoredSignature;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustedKey;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** What is signed according to a store: all of it, or by one key. Reads only. Safe for use by many threads. */
public final class SignedPackages {

    private final KeyStore store;

    public SignedPackages(KeyStore store) {
        this.store = Objects.requireNonNull(store);
    }

    /**
     * Every stored signature, oldest first, then what is withdrawn without having one.
     *
     * @param orgId whose names and withdrawals count; signatures belong to no organisation
     */
    public List<StoredSignature> all(UUID orgId) throws StoreUnavailableException {
        return rows(orgId, store.signatures().all(), store.statements().all(), true);
    }

    /**
     * Every stored signature by one key, oldest first.
     *
     * @param key a full fingerprint, or what chooses a signing key of the organisation, or else one that it trusts
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public List<StoredSignature> by(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        if (Fingerprint.isValid(key)) {
            // Of a key that is no longer known here, too.
            List<StoredSignature> found = by(orgId, new Fingerprint(key));
            if (!found.isEmpty()) {
                return found;
            }
        }
        return by(orgId, signer(orgId, key));
    }

    private List<StoredSignature> by(UUID orgId, Fingerprint signer) throws StoreUnavailableException {
        return rows(orgId, store.signatures().by(signer), store.statements().by(signer), false);
    }

    private Fingerprint signer(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        try {
            return KeyChoice.signingKey(store.signingKeys().of(orgId), key).fingerprint();
        } catch (KeyException e) {
            if (e.reason() != Reason.UNKNOWN_KEY) {
                throw e;
            }
            return TrustManager.knownKey(store, orgId, key).fingerprint();
        }
    }

    private List<StoredSignature> rows(
            UUID orgId, List<PackageSignature> signatures, List<StatementRow> statements, boolean unsignedToo)
            throws StoreUnavailableException {
        Map<Fingerprint, String> names = names(orgId);
        Map<PackageHash, Instant> withdrawn = new LinkedHashMap<>();
        for (WithdrawnPackage row : store.withdrawnPackages().countingFor(orgId)) {
            withdrawn.putIfAbsent(row.packageHash(), row.withdrawnAt());
        }
        List<StoredSignature> rows = new ArrayList<>();
        for (PackageSignature one : signatures) {
            rows.add(row(one.packageHash(), one.keyFingerprint(), one.signedAt(), names, withdrawn));
        }
        for (StatementRow one : statements) {
            rows.add(row(one.packageHash(), one.keyFingerprint(), one.signedAt(), names, withdrawn));
        }
        rows.sort(Comparator.comparing(StoredSignature::signedAt));
        if (unsignedToo) {
            rows.forEach(row -> withdrawn.remove(row.packageHash()));
            withdrawn.forEach((hash, since) -> rows.add(new StoredSignature(hash, null, null, null, since)));
        }
        return rows;
    }

    private static StoredSignature row(
            PackageHash hash,
            Fingerprint signer,
            Instant signedAt,
            Map<Fingerprint, String> names,
            Map<PackageHash, Instant> withdrawn) {
        return new StoredSignature(hash, signer, names.get(signer), signedAt, withdrawn.get(hash));
    }

    /** The organisation's own names first. */
    private Map<Fingerprint, String> names(UUID orgId) throws StoreUnavailableException {
        Map<Fingerprint, String> names = new HashMap<>();
        for (List<TrustedKey> keys :
                List.of(store.trustedKeys().of(orgId), store.trustedKeys().inheritedBy(orgId))) {
            for (TrustedKey key : keys) {
                Optional.ofNullable(key.name()).ifPresent(name -> names.putIfAbsent(key.fingerprint(), name));
            }
        }
        for (SigningKey key : store.signingKeys().of(orgId)) {
            names.putIfAbsent(key.fingerprint(), key.name());
        }
        return names;
    }
}
