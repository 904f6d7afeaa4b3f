// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.KeyName;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustedKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Objects;
import java.util.UUID;

/**
 * How far an organisation's own trust in a key reaches, which binds who inherits that trust too.
 *
 * <p>Throws as {@link TrustManager} does. Safe for use by many threads.
 */
public final class TrustLimits {

    private static final int MOST_OF_GLOB = 255;

    private final KeyStore store;
    private final NewRows rows;

    public TrustLimits(KeyStore store, Clock clock, SecureRandom random) {
        this.store = Objects.requireNonNull(store);
        this.rows = new NewRows(clock, random);
    }

    /**
     * A key that the organisation trusts itself, or trusted.
     *
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}; {@code NOT_OWN_TRUST} if trust in the key is
     *     inherited only
     */
    public TrustedKey ownKey(UUID orgId, String key) throws KeyException, StoreUnavailableException {
        TrustedKey row = TrustManager.knownKey(store, orgId, key);
        if (!row.orgId().equals(orgId)) {
            throw new KeyException(
                    Reason.NOT_OWN_TRUST,
                    "organisation [" + orgId + "] trusts key [" + row.fingerprint() + "] only through organisation ["
                            + row.orgId() + "]: limit it there, or trust it here with a limit");
        }
        return row;
    }

    /** {@link KeyLimit#NONE} if the organisation has put none on the key. */
    public KeyLimit of(UUID orgId, Fingerprint key) throws StoreUnavailableException {
        return store.keyLimits().find(orgId, key).map(LimitedKey::limit).orElse(KeyLimit.NONE);
    }

    /**
     * Limits a key that the organisation trusts.
     *
     * @param limit in the place of one that is there; {@link KeyLimit#NONE} takes that away
     * @return whether that changed anything
     * @throws KeyException {@code BAD_GLOB}
     */
    public boolean set(TrustedKey key, KeyLimit limit) throws KeyException, StoreUnavailableException {
        return store.keyLimits().set(row(rows, key.orgId(), key.fingerprint(), limit));
    }

    static LimitedKey row(NewRows rows, UUID orgId, Fingerprint key, KeyLimit limit) throws KeyException {
        for (String glob : limit.packageNames()) {
            int length = glob.codePointCount(0, glob.length());
            if (length == 0 || length > MOST_OF_GLOB || glob.isBlank() || !KeyName.isPlain(glob)) {
                throw new KeyException(
                        Reason.BAD_GLOB,
                        "a glob for names of packages, such as com.example:*, has 1 to 255 characters and no control"
                                + " characters");
            }
        }
        if (limit.packageNames().stream().anyMatch(KeyText::isIn)) {
            throw new KeyException(
                    Reason.BAD_GLOB,
                    "a glob looks like the text of a key; if it is a secret, it must be considered exposed");
        }
        return new LimitedKey(rows.newId(), orgId, key, limit, rows.now());
    }
}
