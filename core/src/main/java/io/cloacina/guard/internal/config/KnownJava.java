// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import org.jspecify.annotations.Nullable;

/** The releases of Java that this version was tested with: 17, 21 and 25. */
public final class KnownJava {

    /** The newest of them. */
    public static final int NEWEST = 25;

    private KnownJava() {}

    /**
     * What is not known of a release.
     *
     * @param feature such as 26
     * @return null if it is not newer than those that were tested
     */
    public static @Nullable String unknown(int feature) {
        return feature <= NEWEST
                ? null
                : "Java " + feature + " is newer than " + NEWEST
                        + ", the newest that was tested: code may enter where no hook is known";
    }
}
