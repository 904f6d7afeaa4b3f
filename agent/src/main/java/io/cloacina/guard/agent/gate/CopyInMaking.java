// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Covers;
import io.cloacina.guard.internal.decision.Load;
import java.nio.file.Path;
import java.util.List;

/** A copy that is being made: nothing can be put among the copies while it is decided on. */
final class CopyInMaking implements Covers {

    private final SnapshotStore snapshots;
    private final Covers covers;
    private boolean made;

    /** @param covers finds what covers the load */
    CopyInMaking(SnapshotStore snapshots, Covers covers) {
        this.snapshots = snapshots;
        this.covers = covers;
    }

    @Override
    public List<Cover> of(Load load, Path copy, PackageHash hash) {
        return covers.of(load, copy, hash);
    }

    @Override
    public void copied(Path copy) {
        end();
    }

    /** The copy is there, or is not going to be. */
    void end() {
        if (!made) {
            made = true;
            snapshots.made();
        }
    }
}
