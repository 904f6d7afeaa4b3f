// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Covers;
import io.cloacina.guard.internal.decision.Load;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A copy that is being made: nothing can be put among the copies while it is decided on. */
final class CopyInMaking implements Covers {

    private final SnapshotStore snapshots;
    private final Path copy;
    private final Covers covers;
    private boolean ended;

    /**
     * @param copy as {@link SnapshotStore#newCopy} gave it
     * @param covers finds what covers the load
     */
    CopyInMaking(SnapshotStore snapshots, Path copy, Covers covers) {
        this.snapshots = snapshots;
        this.copy = copy;
        this.covers = covers;
    }

    @Override
    public List<Cover> of(Load load, @Nullable Path made, PackageHash hash) {
        return covers.of(load, made, hash);
    }

    @Override
    public void copied(Path made) {
        end();
    }

    /** The copy is there, or is not going to be. */
    void end() {
        if (!ended) {
            ended = true;
            snapshots.copied(copy);
        }
    }
}
