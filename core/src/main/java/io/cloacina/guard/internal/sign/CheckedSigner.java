// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.sign.Signer;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import java.util.Objects;

/**
 * A key that signs: its public half, and what makes its signatures. One that another program or service has made is
 * checked. Safe for use by many threads if the signer is.
 */
public final class CheckedSigner {

    private final Ed25519PublicKey publicKey;
    private final Signer signer;

    private CheckedSigner(Ed25519PublicKey publicKey, Signer signer) {
        this.publicKey = publicKey;
        this.signer = signer;
    }

    /** @param key stays the caller's, who closes it after the last signature */
    public static CheckedSigner of(Ed25519PrivateKey key) {
        return new CheckedSigner(key.publicKey(), key::sign);
    }

    /** @param signer has the private half */
    public static CheckedSigner of(Ed25519PublicKey publicKey, Signer signer) {
        Objects.requireNonNull(publicKey);
        Objects.requireNonNull(signer);
        return new CheckedSigner(publicKey, message -> checked(publicKey, signer, message));
    }

    private static byte[] checked(Ed25519PublicKey publicKey, Signer signer, byte[] message) throws SigningException {
        byte[] signature;
        try {
            signature = signer.sign(message.clone());
        } catch (RuntimeException e) {
            throw new SigningException(
                    Reason.SIGNER_FAILED, "the signer failed: " + KeyText.shown(String.valueOf(e.getMessage())), e);
        }
        if (signature == null || !publicKey.verifies(message, signature)) {
            throw new SigningException(
                    Reason.WRONG_SIGNATURE,
                    "the signer has made a signature that is not by the key with fingerprint ["
                            + publicKey.fingerprint() + "]",
                    null);
        }
        return signature;
    }

    public Ed25519PublicKey publicKey() {
        return publicKey;
    }

    public Fingerprint fingerprint() {
        return publicKey.fingerprint();
    }

    /**
     * @return 64 bytes, a signature of {@code message} by this key
     * @throws SigningException {@code SIGNER_FAILED}, {@code WRONG_SIGNATURE}; never with a private key
     */
    public byte[] sign(byte[] message) throws SigningException {
        return signer.sign(message);
    }
}
