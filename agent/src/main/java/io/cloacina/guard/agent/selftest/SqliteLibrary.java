// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.selftest;

import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads the guard's own SQLite library. The driver would extract it to a directory that others can write to, or take
 * whatever a system property of the application names.
 */
final class SqliteLibrary {

    private SqliteLibrary() {}

    /**
     * @param directory where the library is put; only this process writes there
     * @throws IOException if there is none for this platform, or it cannot be put there
     */
    static void load(Path directory) throws IOException {
        Path library = io.cloacina.guard.internal.store.SqliteLibrary.extract(directory);
        SnapshotStore.protect(library);
        openJdkImage();
        if (ModuleLayer.boot().findModule("java.sql").isEmpty()) {
            throw new IOException(
                    "an SQLite store needs more of Java than this run-time image has: there is no module java.sql");
        }
        JdkInternals.loadLibrary(SQLiteJDBCLoader.class, library.toString());
        JdkInternals.setTrue(SQLiteJDBCLoader.class, io.cloacina.guard.internal.store.SqliteLibrary.LOADED);
        io.cloacina.guard.internal.store.SqliteLibrary.loadedByOther();
    }

    /**
     * The library loads classes when it is loaded, under the JDK's lock on all libraries. If that is the first use of
     * the JDK's image, and another thread is at its first use too, that one waits for the lock, to load the image's own
     * library, and this one for the image.
     */
    private static void openJdkImage() throws IOException {
        try (InputStream in = Object.class.getModule().getResourceAsStream("java/lang/Object.class")) {
            if (in == null) {
                throw new IOException("this JDK shows no class of java.base");
            }
        }
    }
}
