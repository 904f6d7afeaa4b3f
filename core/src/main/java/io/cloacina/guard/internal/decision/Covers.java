// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.crypto.PackageHash;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what covers a load that needs a signature and has none that counts. */
@FunctionalInterface
public interface Covers {

    /** Nothing. No lambda: the first one costs a JVM some milliseconds, and this is on the way of the first load. */
    Covers NONE = new Covers() {
        @Override
        public List<Cover> of(Load load, @Nullable Path copy, PackageHash hash) {
            return List.of();
        }
    };

    /**
     * One that is known.
     *
     * @param cover null for none
     */
    static Covers just(@Nullable Cover cover) {
        if (cover == null) {
            return NONE;
        }
        return new Covers() {
            @Override
            public List<Cover> of(Load load, @Nullable Path copy, PackageHash hash) {
                return List.of(cover);
            }
        };
    }

    /**
     * The packages that hold what is loaded, those to be named first where none of them verifies.
     *
     * @param copy the private copy of what is loaded; null if none was made
     */
    List<Cover> of(Load load, @Nullable Path copy, PackageHash hash);

    /** All of the private copy is there; the decision, which may take its time, comes next. */
    default void copied(Path copy) {
        // Only the caller that made the copy has to know.
    }
}
