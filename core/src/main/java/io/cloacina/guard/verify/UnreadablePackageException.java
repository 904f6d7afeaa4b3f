// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.GuardException;
import org.jspecify.annotations.Nullable;

/** A package could not be read, or not be copied: missing, not a regular file, an I/O error, a full disk. */
public final class UnreadablePackageException extends GuardException {

    private static final long serialVersionUID = 1L;

    private final boolean refusedForm;

    public UnreadablePackageException(String message) {
        this(message, false, null);
    }

    public UnreadablePackageException(String message, Throwable cause) {
        this(message, false, cause);
    }

    private UnreadablePackageException(String message, boolean refusedForm, @Nullable Throwable cause) {
        super(message, cause);
        this.refusedForm = refusedForm;
    }

    public static UnreadablePackageException ofRefusedForm(String message) {
        return new UnreadablePackageException(message, true, null);
    }

    /** Whether it is a directory that could be read, but has no form as a package. */
    public boolean isRefusedForm() {
        return refusedForm;
    }
}
