// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.trust.SigningKey;
import java.util.Objects;

/**
 * The public half of a signing key, for those who verify.
 *
 * @param publicKey checked: it matches the row's fingerprint
 */
public record PublicKeyExport(SigningKey key, Ed25519PublicKey publicKey) {
    public PublicKeyExport {
        Objects.requireNonNull(key);
        Objects.requireNonNull(publicKey);
    }

    /** SubjectPublicKeyInfo, as OpenSSL writes it. */
    public String pem() {
        return Pem.write(publicKey);
    }
}
