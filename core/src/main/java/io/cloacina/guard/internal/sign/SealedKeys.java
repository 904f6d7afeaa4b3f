// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.crypto.SealedKeyException;
import io.cloacina.guard.internal.trust.KeyStore.KekCheck;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.SigningKey;
import java.util.UUID;

/** Opens the sealed keys of a store, and checks what belongs to them. */
final class SealedKeys {

    private SealedKeys() {}

    /** Whether a key encryption key is the one that the keys of a store are sealed under. */
    static final class Check implements KekCheck<KeyException> {

        private final Kek kek;

        Check(Kek kek) {
            this.kek = kek;
        }

        @Override
        public String value() {
            return kek.checkValue();
        }

        @Override
        public boolean opens(SealedKey key) {
            try (Ed25519PrivateKey opened = open(key, kek)) {
                return opened != null;
            } catch (KeyException e) {
                return false;
            }
        }

        @Override
        public KeyException refusal(int keys) {
            return new KeyException(
                    Reason.WRONG_KEK,
                    "the key encryption key is not the one that the store's keys are sealed under ([" + keys
                            + "] signing keys): a store has one for all; `cloacina key reseal` changes it");
        }
    }

    static Ed25519PrivateKey open(SealedKey row, Kek kek) throws KeyException {
        requirePrivate(row.key());
        try {
            return new KeySealer(kek).open(row.sealed(), sealerRow(row.key()));
        } catch (SealedKeyException e) {
            throw new KeyException(Reason.WRONG_KEK, "signing key [" + row.key().name() + "]: " + e.getMessage(), e);
        }
    }

    static void requirePrivate(SigningKey key) throws KeyException {
        if (key.publicOnly()) {
            throw new KeyException(
                    Reason.NO_PRIVATE_KEY,
                    "signing key [" + key.name() + "] has no private half here: it signs with"
                            + " `sign --key NAME --signer-command PATH`, where PATH is a program that has it");
        }
    }

    static KeySealer.Row sealerRow(SigningKey row) throws KeyException {
        return new KeySealer.Row(row.id(), row.orgId(), publicKey(row));
    }

    static Ed25519PublicKey publicKey(SigningKey row) throws KeyException {
        return publicKey(row.fingerprint(), row.publicKey(), "signing key", row.id());
    }

    static Ed25519PublicKey publicKey(Fingerprint fingerprint, byte[] raw, String what, UUID id) throws KeyException {
        if (raw.length != Ed25519PublicKey.SIZE_BYTES || !Fingerprint.of(raw).equals(fingerprint)) {
            throw new KeyException(
                    Reason.DAMAGED_ROW, "the public key of " + what + " [" + id + "] does not match its fingerprint");
        }
        try {
            return Ed25519PublicKey.of(raw);
        } catch (RejectedKeyException e) {
            throw new KeyException(Reason.DAMAGED_ROW, what + " [" + id + "]: " + e.getMessage(), e);
        }
    }
}
