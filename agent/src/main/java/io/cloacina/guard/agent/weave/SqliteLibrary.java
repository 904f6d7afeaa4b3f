package io.cloacina.guard.agent.weave;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

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
        String name = LibraryLoaderUtil.getNativeLibName();
        String resource = LibraryLoaderUtil.getNativeLibResourcePath().substring(1) + "/" + name;
        Path library = folder.resolve(name);
        try (InputStream in = SQLiteJDBCLoader.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("SQLite comes with no library for this platform: [" + resource + "]");
            }
            Files.copy(in, library);
        }
        JdkInternals.loadLibrary(SQLiteJDBCLoader.class, library.toString());
        Field loaded = SQLiteJDBCLoader.class.getDeclaredField("extracted");
        loaded.setAccessible(true);
        loaded.setBoolean(null, true);
    }
}
