// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * As what an archive was opened: its file may have been exchanged since, so that a loader defines classes of another one
 * than the one that is decided on. Of what was decided on only those are remembered that are still open. Safe for use by
 * many threads.
 */
final class Openings {

    /** How many are remembered; an archive of which more are forgotten than were decided on stays in doubt. */
    private static final int MOST = 16;

    private static final class Opening {
        private final @Nullable WeakReference<Object> source;
        private final BasicFileAttributes attributes;
        private boolean judged;

        Opening(@Nullable Object source, BasicFileAttributes attributes) {
            this.source = source == null ? null : new WeakReference<>(source);
            this.attributes = attributes;
        }

        @Nullable
        Object openSource() {
            Object open = source == null ? null : source.get();
            return open == null || !JdkInternals.isOpen(open) ? null : open;
        }

        boolean isDone() {
            return judged && openSource() == null;
        }
    }

    private final List<Opening> all = new ArrayList<>(1);
    private boolean forgotten;

    /**
     * It was opened.
     *
     * @param source what it is read from, of {@code java.util.zip}; null if it is read in another way
     * @param attributes of the file that was opened
     */
    synchronized void add(@Nullable Object source, BasicFileAttributes attributes) {
        int last = all.size() - 1;
        if (last >= 0 && isSame(all.get(last).attributes, attributes)) {
            Opening again = new Opening(source, attributes);
            again.judged = all.get(last).judged;
            all.set(last, again);
            return;
        }
        forgetDone();
        if (all.size() == MOST) {
            all.remove(0);
            forgotten = true;
        }
        all.add(new Opening(source, attributes));
    }

    private void forgetDone() {
        for (Iterator<Opening> each = all.iterator(); each.hasNext(); ) {
            if (each.next().isDone()) {
                each.remove();
            }
        }
    }

    private static boolean isSame(BasicFileAttributes one, BasicFileAttributes other) {
        return one == other
                || one.size() == other.size()
                        && one.lastModifiedTime().equals(other.lastModifiedTime())
                        && isSameFile(one, other)
                        && JdkInternals.changeTimeOf(one) == JdkInternals.changeTimeOf(other);
    }

    private static boolean isSameFile(BasicFileAttributes one, BasicFileAttributes other) {
        return one.fileKey() != null && one.fileKey().equals(other.fileKey());
    }

    /** The archive was decided on in that state, {@link SnapshotStore#stateOf} it. */
    synchronized void judged(String state) {
        for (Opening one : all) {
            one.judged |= Objects.equals(SnapshotStore.stateOf(one.attributes), state);
        }
        forgetDone();
    }

    /** Whether nothing is lost if this is forgotten: it is not open, and all that was opened was decided on. */
    synchronized boolean areDone() {
        forgetDone();
        return all.isEmpty() && !forgotten;
    }

    /** Whether a class may come from something else than what was decided on in state {@code judged}. */
    synchronized boolean mayBeOf(Path file, @Nullable String judged) {
        forgetDone();
        if (forgotten) {
            return true;
        }
        for (Opening one : all) {
            if (!Objects.equals(SnapshotStore.stateOf(one.attributes), judged) || isChanged(one, file)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the very file that was opened was written to since, even if its size and time are as before. */
    private static boolean isChanged(Opening opening, Path file) {
        Object source = opening.openSource();
        Path open = source == null ? null : JdkInternals.openFileOf(source);
        try {
            BasicFileAttributes now = Files.readAttributes(open == null ? file : open, BasicFileAttributes.class);
            return open != null && !isSame(opening.attributes, now)
                    || isSameFile(opening.attributes, now) && !isSame(opening.attributes, now);
        } catch (IOException e) {
            // There is no file any more that could have been written to.
            return false;
        }
    }
}
