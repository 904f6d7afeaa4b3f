package io.cloacina.guard.agent.weave;

import java.io.IOException;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads the guard's own SQLite library. The driver would extract it to a folder that others can write to, or take
 * whatever a system property of the application names.
 */
final class SqliteLibrary {

    private SqliteLibrary() {}

    /**
     * @param folder where the library is put; only this process writes there
     * @throws IOException if there is none for this platform, or it cannot be put there
     */
    static void load(Path folder) throws IOException, ReflectiveOperationException {
        Path library = io.cloacina.guard.store.SqliteLibrary.extract(folder);
        JdkInternals.loadLibrary(SQLiteJDBCLoader.class, library.toString());
        io.cloacina.guard.store.SqliteLibrary.loaded();
    }
}
