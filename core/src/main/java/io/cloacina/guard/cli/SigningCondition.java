// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must hold of a package before it is signed, and what is kept and said of that. */
interface SigningCondition {

    /** Signs what is named. */
    SigningCondition NONE = new SigningCondition() {};

    /**
     * Called before the package is read to be signed, on any thread of the run.
     *
     * @return the only hash that may be signed; null if it does not matter
     * @throws CliException if it must not be signed
     */
    default @Nullable PackageHash check(SignTarget target) throws CliException {
        return null;
    }

    /** Keeps what has vouched for packages, before their signatures are stored and written. */
    default void keep(List<SignTarget> targets) throws StoreUnavailableException, AuditFailedException {}

    /** The event of a package that {@link #check} has refused; null for that of any failure. */
    default @Nullable AuditEvent refusal(SignTarget target, CliException why) {
        return null;
    }

    /** Adds to the result of a package, signed or not. */
    default JsonLine describe(SignTarget target, JsonLine json) {
        return json;
    }

    /**
     * The same for people.
     *
     * @param line what is said of it otherwise
     * @param signed whether it is signed now
     */
    default String describe(SignTarget target, String line, boolean signed) {
        return line;
    }
}
