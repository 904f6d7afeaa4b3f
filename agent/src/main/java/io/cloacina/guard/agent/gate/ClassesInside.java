// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.InnerContents.Archive;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Load;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The archives inside one package that one loader has classes of. The package was decided on; one of the archives may have
 * been withdrawn all the same, which is asked once for each. Guarded by its user.
 */
final class ClassesInside implements PackageContents.Inside {

    private final BitSet asked = new BitSet();
    private @Nullable Archive found;

    @Override
    public void found(Archive holder) {
        found = asked.get(holder.number()) ? null : holder;
    }

    /** Whether the archive that was found last is still to be decided on. */
    boolean isNew() {
        return found != null;
    }

    /**
     * Has the archive decided on that was found last, and those around it.
     *
     * @param outer a load of the package
     * @param cover the package, or what covered that
     */
    void demand(Decisions decisions, Load outer, Cover cover) {
        Archive first = found;
        // What is refused is found again with its next class.
        found = null;
        for (Archive one = first; one != null; one = one.around()) {
            if (!asked.get(one.number())) {
                Load load = new Load(
                        Load.Kind.JAR,
                        null,
                        null,
                        outer.packagePath() + "!/" + one.path(),
                        outer.hook(),
                        outer.classLoader());
                decisions.demandInside(load, Objects.requireNonNull(one.hash()), cover);
            }
            asked.set(one.number());
        }
    }
}
