// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.GuardException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something about keys or trust that was not done, and why. Nothing was changed. */
public final class KeyException extends GuardException {

    private static final long serialVersionUID = 1L;

    /** What kind of no it is; the CLI ends with 1, 2 or 3. */
    public enum Kind {
        /** Policy says no. */
        REFUSED,
        /** The question was wrong: something it names is not there, not unique or not well-formed. */
        ASKED_WRONGLY,
        /** What is in the store cannot be used. */
        TROUBLE
    }

    /** Why not. */
    public enum Reason {
        /** The organisation has a signing key of this name, revoked or not. */
        NAME_TAKEN(Kind.REFUSED),
        /** The public key is not canonical, not on the curve, or of small order. */
        WEAK_KEY(Kind.REFUSED),
        /** The signing key was revoked and signs nothing new. */
        SIGNING_KEY_REVOKED(Kind.REFUSED),
        /** The organisation took its trust in this key back, and reinstating it was not asked for. */
        TRUST_REVOKED(Kind.REFUSED),
        /** The grant was taken back, and reinstating it was not asked for. */
        GRANT_REVOKED(Kind.REFUSED),
        /** There is no grant to take back, or it was taken back already. */
        NOT_GRANTED(Kind.REFUSED),
        /** The organisation has not withdrawn the package, so there is nothing to reinstate. */
        NOT_WITHDRAWN(Kind.REFUSED),
        /** The organisation trusts the key only through others, whose limit it is. */
        NOT_OWN_TRUST(Kind.REFUSED),
        /** A name that is empty, too long, or holds control characters. */
        BAD_NAME(Kind.ASKED_WRONGLY),
        /** A reason that is empty, too long, or holds control characters or the text of a key. */
        BAD_REASON(Kind.ASKED_WRONGLY),
        /** No version, or one that is too long. */
        BAD_VERSION(Kind.ASKED_WRONGLY),
        /** A glob that is empty, too long, or holds control characters. */
        BAD_GLOB(Kind.ASKED_WRONGLY),
        /** No key has this id, fingerprint, name or prefix. */
        UNKNOWN_KEY(Kind.ASKED_WRONGLY),
        /** Several keys have it: see {@link #candidates}. */
        AMBIGUOUS_KEY(Kind.ASKED_WRONGLY),
        /** PEM or raw bytes that are no Ed25519 key. */
        MALFORMED_KEY(Kind.ASKED_WRONGLY),
        /** A key encryption key that is not 32 bytes. */
        MALFORMED_KEK(Kind.ASKED_WRONGLY),
        /** A sealed key does not open: another key encryption key, or an altered or moved row. */
        WRONG_KEK(Kind.ASKED_WRONGLY),
        /** Only the public half of the signing key is in the store: a {@link Signer} has to make its signatures. */
        NO_PRIVATE_KEY(Kind.ASKED_WRONGLY),
        /** The signing key has its private half in the store, and signs by itself: no {@link Signer} is wanted. */
        HAS_PRIVATE_KEY(Kind.ASKED_WRONGLY),
        /** The file of a key cannot be read or written. */
        UNUSABLE_FILE(Kind.TROUBLE),
        /** The public key of a row does not match its fingerprint. */
        DAMAGED_ROW(Kind.TROUBLE);

        private final Kind kind;

        Reason(Kind kind) {
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }

    private final Reason reason;
    private final transient List<String> candidates;
    private final transient @Nullable Instant since;

    public KeyException(Reason reason, String message) {
        this(reason, message, List.of(), null, null);
    }

    public KeyException(Reason reason, String message, Throwable cause) {
        this(reason, message, List.of(), null, cause);
    }

    public KeyException(
            Reason reason,
            String message,
            List<String> candidates,
            @Nullable Instant since,
            @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason);
        this.candidates = List.copyOf(candidates);
        this.since = since;
    }

    public Reason reason() {
        return reason;
    }

    /** With {@link Reason#AMBIGUOUS_KEY}: the keys that were found, one line each; else empty. */
    public List<String> candidates() {
        return candidates;
    }

    /** When what stands in the way was revoked. */
    public Optional<Instant> since() {
        return Optional.ofNullable(since);
    }
}
