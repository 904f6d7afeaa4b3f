// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.GuardException;
import java.util.Objects;

/** A package was not signed. */
public final class SigningException extends GuardException {

    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Reason {
        /** Missing, not a regular file or directory, or an I/O error. */
        UNREADABLE_PACKAGE,
        /** Its size or time of change was another one after it was read than before. */
        CHANGED_PACKAGE,
        /** A directory that has no form as a package: a link out of it, or a name that its listing cannot hold. */
        REFUSED_TREE,
        /** There is a {@code .sig} file that this program cannot read: another one's, or damaged. It was left alone. */
        FOREIGN_SIGNATURE,
        /** There is no signature of version 2, of this package as it is, that another could be added to. */
        NOTHING_TO_ADD_TO,
        /** A signature of so many packages would be larger than what is read. */
        STATEMENT_TOO_LARGE,
        /** The {@code .sig} file could not be written; what was there before is still there. */
        UNWRITABLE_SIGNATURE,
        /** A {@link Signer} made no signature: it could not be asked, took too long, or answered something else. */
        SIGNER_FAILED,
        /** What a {@link Signer} made is no signature by the public key that was named. */
        WRONG_SIGNATURE
    }

    private final Reason reason;

    public SigningException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason);
    }

    public Reason reason() {
        return reason;
    }
}
