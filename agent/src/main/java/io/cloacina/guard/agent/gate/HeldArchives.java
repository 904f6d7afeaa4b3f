// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one loader has classes from. Its user guards it by itself, so that two threads do not decide and record twice. */
final class HeldArchives {

    /** URLs of one loader that are remembered; some hosts make one for each class. */
    private static final int MOST_ORIGINS = 1000;

    final Map<String, OpenedArchive.Copy> byPath = new HashMap<>();
    private final Map<String, OpenedArchive.Copy> byUrl = new HashMap<>();
    private final Set<OpenedArchive.Copy> woven = new HashSet<>();
    private final Map<OpenedArchive.Copy, ClassesInside> inside = new HashMap<>();

    /** @return what the last class of this URL was in; null if that is not known */
    OpenedArchive.@Nullable Copy of(@Nullable String url) {
        return url == null ? null : byUrl.get(url);
    }

    /** @param url null for a class that has none */
    void found(@Nullable String url, OpenedArchive.Copy copy) {
        if (url != null && byUrl.size() < MOST_ORIGINS) {
            byUrl.put(url, copy);
        }
    }

    /** @return the one of the same path that was held before, and is no longer; null if there was none */
    OpenedArchive.@Nullable Copy keep(OpenedArchive.Copy copy) {
        OpenedArchive.Copy before = byPath.put(copy.path, copy);
        if (before != null) {
            // Classes of the archive that was there before may still be defined; they are looked for again.
            byUrl.clear();
            woven.remove(before);
            inside.remove(before);
        }
        return before;
    }

    /** @param copy one that is held */
    ClassesInside inside(OpenedArchive.Copy copy) {
        ClassesInside known = inside.get(copy);
        if (known == null) {
            known = new ClassesInside();
            inside.put(copy, known);
        }
        return known;
    }

    /** Whether this is the first class of {@code copy} that its host has woven: one event is enough. */
    boolean isFirstWoven(OpenedArchive.Copy copy) {
        return woven.add(copy);
    }

    /** How many archives are noted for their woven classes. */
    int woven() {
        return woven.size();
    }
}
