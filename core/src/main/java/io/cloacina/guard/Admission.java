package io.cloacina.guard;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Path;
import java.util.Objects;

/** The guard's decision on one {@link Load}; it is recorded by the time anyone holds it. */
public sealed interface Admission {

    /**
     * It may load.
     *
     * @param copy the private copy that was hashed and must be used instead of the original; null where the original may
     *     be used: exempt, no copy asked for, or audit mode and the package could not be read
     * @param packageHash null if the package was not read
     * @param verified whether a trusted signature was found; false for what is exempt or merely allowed by audit mode
     */
    record Allowed(Path copy, PackageHash packageHash, boolean verified) implements Admission {}

    /**
     * It must not load.
     *
     * @param message for a person: what, why, and the command that would make it right if it is legitimate
     */
    record Denied(Refusal reason, String message) implements Admission {
        public Denied {
            Objects.requireNonNull(reason);
            Objects.requireNonNull(message);
        }
    }
}
