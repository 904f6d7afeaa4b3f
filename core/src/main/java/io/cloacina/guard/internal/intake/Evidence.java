// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has vouched for a package.
 *
 * @param kind {@code pgp}, {@code jar-signer} or {@code sha256}
 * @param identity who has: the fingerprint of the OpenPGP key as {@code gpg} prints it, the SHA-256 of the signer's
 *     certificate, or the name that the list of hashes has for the package
 * @param digest the SHA-256 of the file with the evidence: the signature beside the package, the certificate, or the list;
 *     null if a hash was given as text
 * @param detail for people: whose key or certificate it is
 */
public record Evidence(
        String kind, String identity, @Nullable String digest, String detail) {

    public static final String PGP = "pgp";
    public static final String JAR_SIGNER = "jar-signer";
    public static final String SHA256 = "sha256";

    public Evidence {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(identity);
        Objects.requireNonNull(detail);
    }
}
