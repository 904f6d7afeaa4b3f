// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.GuardException;
import java.util.Objects;

/** A package that is not what a trusted key has signed. The message begins with the error's name, as in the guide. */
public final class RefusedPackageException extends GuardException {

    private static final long serialVersionUID = 1L;

    private final transient Verdict.Refused verdict;
    private final Refusal reason;

    RefusedPackageException(Verdict.Refused verdict) {
        super(verdict.error());
        this.verdict = Objects.requireNonNull(verdict);
        this.reason = verdict.reason();
    }

    /** Why. */
    public Refusal reason() {
        return reason;
    }

    /** All that was found; null in an exception that was serialised. */
    public Verdict.Refused verdict() {
        return verdict;
    }
}
