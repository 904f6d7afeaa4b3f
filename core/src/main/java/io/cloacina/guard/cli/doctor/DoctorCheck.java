// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of {@code cloacina doctor} that another module adds: a class with a public constructor without parameters,
 * named in {@code META-INF/services} where the loader of this interface finds it.
 */
public interface DoctorCheck {

    /** Whether there is something to do. */
    enum State {
        /** As it must be. */
        OK,
        /** Worth knowing; nothing has to be done. */
        NOTE,
        /** To be mended. */
        MEND
    }

    /**
     * What was found.
     *
     * @param check what was looked at, in one word
     * @param message what is the case
     * @param remedy what would mend it; null if nothing is to be mended
     */
    record Finding(
            String check,
            State state,
            String message,
            @Nullable String remedy) {
        public Finding {
            Objects.requireNonNull(check);
            Objects.requireNonNull(state);
            Objects.requireNonNull(message);
        }

        public static Finding ok(String check, String message) {
            return new Finding(check, State.OK, message, null);
        }

        public static Finding note(String check, String message) {
            return new Finding(check, State.NOTE, message, null);
        }

        public static Finding mend(String check, String message, String remedy) {
            return new Finding(check, State.MEND, message, Objects.requireNonNull(remedy));
        }
    }

    /**
     * Looks, and changes nothing.
     *
     * @param properties the system properties of this JVM
     * @param environment the environment variables of this process
     */
    List<Finding> examine(Map<String, String> properties, Map<String, String> environment);
}
