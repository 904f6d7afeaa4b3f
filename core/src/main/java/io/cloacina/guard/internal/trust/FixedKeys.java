// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys that are trusted because someone who configures the process named them, without any database.
 *
 * <p>Immutable.
 */
public final class FixedKeys implements TrustStore {

    private final Map<Fingerprint, SignerTrust> trusted;

    /** Trusts exactly {@code keys}. */
    public FixedKeys(Collection<Ed25519PublicKey> keys) {
        Map<Fingerprint, SignerTrust> map = new HashMap<>();
        for (Ed25519PublicKey key : keys) {
            map.put(key.fingerprint(), new SignerTrust.Trusted(key, null, null));
        }
        this.trusted = Map.copyOf(map);
    }

    /** How many different keys there are. */
    public int size() {
        return trusted.size();
    }

    @Override
    public Answer ask(Question question) {
        return new Answer(List.of(), trusted);
    }

    /**
     * Also trusts these keys where {@code store} has never heard of them. A revocation in the store stands, and a store
     * that does not answer is no answer.
     */
    public TrustStore over(TrustStore store) {
        return new Over(store, trusted);
    }

    private record Over(TrustStore store, Map<Fingerprint, SignerTrust> trusted) implements TrustStore {

        @Override
        public Answer ask(Question question) throws StoreUnavailableException {
            Answer answer = store.ask(question);
            Map<Fingerprint, SignerTrust> signers = new HashMap<>(trusted);
            for (Map.Entry<Fingerprint, SignerTrust> known : answer.signers().entrySet()) {
                if (!(known.getValue() instanceof SignerTrust.Unknown)) {
                    signers.put(known.getKey(), known.getValue());
                }
            }
            return new Answer(answer.signatures(), answer.statements(), signers, answer.withdrawn(), answer.floors());
        }
    }
}
