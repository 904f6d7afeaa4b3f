// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import org.jspecify.annotations.Nullable;

/**
 * Why a package is not acceptable. Of several reasons the one declared first here is reported, the message tells all.
 */
public enum Refusal {
    /** The package was withdrawn, which counts however it is signed. */
    WITHDRAWN_PACKAGE("withdrawn_package", "WithdrawnPackage"),
    /** Ed25519 says that the signature is not the trusted key's over this hash. */
    INVALID_SIGNATURE("invalid_signature", "InvalidSignature"),
    /** The signing key is not trusted by the organisation: never was, was revoked, or not for this package. */
    UNTRUSTED_SIGNER("untrusted_signer", "UntrustedSigner"),
    /** The signature's time is over. */
    EXPIRED_SIGNATURE("expired_signature", "ExpiredSignature"),
    /** The signature is of a lower version than the organisation has set for packages of that name. */
    OUTDATED_PACKAGE("outdated_package", "OutdatedPackage"),
    /** There are acceptable signatures, but by fewer keys than are required. */
    TOO_FEW_SIGNERS("too_few_signers", "TooFewSigners"),
    /** The file's hash is not the one that the signature speaks of. */
    TAMPERED_PACKAGE("tampered_package", "TamperedPackage"),
    /** The detached signature is corrupt or of an unknown form. */
    MALFORMED_SIGNATURE("malformed_signature", "MalformedSignature"),
    /** There is no signature anywhere. */
    SIGNATURE_NOT_FOUND("signature_not_found", "SignatureNotFound"),
    /** The package is missing, not a regular file, or could not be read or copied. */
    UNREADABLE_PACKAGE("unreadable_package", "UnreadablePackage"),
    /** The trust store did not answer. */
    STORE_UNAVAILABLE("store_unavailable", "StoreUnavailable"),
    /** A class without a package of its own, where the configuration denies those. */
    DYNAMIC_CODE("dynamic_code", "DynamicCode"),
    /** The decision could not be recorded, and what is not recorded does not load. */
    AUDIT_UNAVAILABLE("audit_unavailable", "AuditUnavailable"),
    /** The guard itself failed, and what it cannot decide does not load. */
    INTERNAL_ERROR("internal_error", "InternalError");

    /** How an error goes on, behind the key, that speaks of a limit of a trusted key. */
    public static final String LIMITED = ", which is trusted ";

    private static final Refusal[] ALL = values();

    private final String code;
    private final String errorName;

    Refusal(String code, String errorName) {
        this.code = code;
        this.errorName = errorName;
    }

    /** The {@code failure_reason} of events and of {@code --json}. */
    public String code() {
        return code;
    }

    /** The error's name as the package-signing guide has it. */
    public String errorName() {
        return errorName;
    }

    /**
     * Whether an error of an {@link #UNTRUSTED_SIGNER} says that the key is trusted, but neither for this package nor for
     * this time.
     */
    public static boolean isOfLimitedKey(@Nullable String error) {
        return error != null && error.contains(LIMITED + "for packages called [")
                || error != null && error.contains(LIMITED + "until ");
    }

    /**
     * {@code error} behind the name of this one, unless it begins with that of any: several findings may be reported.
     */
    public String named(String error) {
        for (Refusal any : ALL) {
            if (error.startsWith(any.errorName) && error.startsWith(": ", any.errorName.length())) {
                return error;
            }
        }
        return errorName + ": " + error;
    }
}
