// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.Objects;

/**
 * What key management may read and change in a trust store, by table. Knows rows and uniqueness, but no policy: who may be
 * trusted again, or which names are good, is decided above.
 *
 * <p>Every change is atomic and durable when the method returns, and one that finds nothing left to change says so
 * ({@code false}) and changes nothing. Times are kept in microseconds. Safe for use by many threads and, on one
 * database, by many processes. Every method throws {@link StoreUnavailableException} if the store does not answer
 * within its time-out or does not permit what is asked; whether a change was made is then unknown.
 */
public interface KeyStore {

    /** @param sealed the private key as {@code crypto.KeySealer} writes it; empty if it is elsewhere */
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

    SigningKeys signingKeys();

    TrustedKeys trustedKeys();

    TrustGrants grants();

    PackageSignatures signatures();

    Statements statements();

    WithdrawnPackages withdrawnPackages();

    KeyLimits keyLimits();

    VersionFloors versionFloors();

    Intakes intakes();
}
