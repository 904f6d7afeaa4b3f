// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the JDK reads a directory of a class path from, with what the guard knows of it. */
final class ReadDirectory extends File {
    private static final long serialVersionUID = 1L;

    /** Null if there is nothing more to decide. */
    private final transient @Nullable OpenedDirectory opened;

    /** Keeps the copy alive, whose life hangs on this path; null where there is none. */
    @SuppressWarnings("unused")
    private final transient @Nullable Path bound;

    private ReadDirectory(String path, @Nullable OpenedDirectory opened, @Nullable Path bound) {
        super(path);
        this.opened = opened;
        this.bound = bound;
    }

    /** What is read next has to be decided on. */
    static ReadDirectory asking(File path, OpenedDirectory opened) {
        return new ReadDirectory(path.getPath(), opened, null);
    }

    /** Everything is decided. */
    static ReadDirectory bound(String path, Path bound) {
        return new ReadDirectory(path, null, bound);
    }

    @Nullable
    OpenedDirectory opened() {
        return opened;
    }
}
