// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * Connections to an SQLite file, none of which outlives the file: one that was deleted or replaced is not asked again.
 *
 * <p>A reader makes no files. A database in WAL mode that no process has open lies there alone, and SQLite would make
 * the two files it needs for sharing, owned by the reader, before reading; so it is opened as immutable, and what was
 * read counts if the file was the same before and after, and still alone. If a process has it open, those files are
 * there, and it is shared in the ordinary way.
 *
 * <p>An immutable connection remembers pages, so it serves again only as long as the file is the same, and only if the
 * file had been left alone for a while when it was opened: two changes within one tick of the file system's clock look
 * like one.
 */
final class SqliteConnector implements Connector {

    private final Path file;
    private final boolean readOnly;
    private final int busyMillis;
    private final Clock clock;
    private final KnownFiles known = new KnownFiles();

    /** @param clock the one by which the file system dates changes */
    SqliteConnector(Path file, boolean readOnly, Duration limit, Clock clock) {
        this.clock = clock;
        this.file = file;
        this.readOnly = readOnly;
        this.busyMillis = Math.toIntExact(Math.min(limit.toMillis(), Integer.MAX_VALUE));
    }

    @Override
    public PooledConnection open() throws IOException, SQLException {
        FileState state = look();
        boolean alone = readOnly && !state.inUse();
        boolean settled = state.isSettled(clock.instant());
        SQLiteConfig config = new SQLiteConfig();
        if (readOnly) {
            config.setReadOnly(true);
        } else {
            config.resetOpenMode(SQLiteOpenMode.CREATE);
            config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        }
        SqliteLibrary.load();
        String name = "file:" + percentEncoded(file) + (alone ? "?immutable=1" : "");
        Properties properties = config.toProperties();
        SQLiteConnection connection = new JDBC4Connection("jdbc:sqlite:" + name, name, properties);
        try {
            // Among the properties it would be a PRAGMA, for which the driver loads its classes of plain statements.
            connection.setBusyTimeout(busyMillis);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return new SqliteConnection(connection, state, alone, settled);
    }

    /** The file as it is now, if it is one that was there before; another one is refused once. */
    private FileState look() throws IOException {
        FileState state;
        try {
            state = FileState.of(file);
        } catch (NoSuchFileException e) {
            known.missed();
            throw new NoSuchFileException(file.toString(), null, "there is no such file");
        }
        if (!known.admits(state.key())) {
            throw new IOException("[" + file + "] was replaced by another file; the next question goes to that one");
        }
        return state;
    }

    /**
     * Which files were asked at this path. One that is put back needs no question that fails to be noticed, however
     * many were asked while another file was in its place.
     */
    private static final class KnownFiles {

        private static final int MOST = 16;

        // Replaced as a whole: a thread may be stopped while it is changed.
        private Object[] keys = {};
        private @Nullable Object refused;
        private boolean missed;

        synchronized boolean admits(Object key) {
            for (Object one : keys) {
                if (one.equals(key)) {
                    refused = null;
                    missed = false;
                    return true;
                }
            }
            if (keys.length > 0 && !missed && !key.equals(refused)) {
                refused = key;
                return false;
            }
            int kept = Math.min(keys.length, MOST - 1);
            Object[] more = new Object[kept + 1];
            more[0] = key;
            System.arraycopy(keys, 0, more, 1, kept);
            keys = more;
            missed = false;
            return true;
        }

        /** There is no file, so that a question failed already before the next file is asked. */
        synchronized void missed() {
            missed = true;
        }
    }

    private static String percentEncoded(Path path) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.toString().getBytes(StandardCharsets.UTF_8)) {
            if (b == '%' || b == '?' || b == '#') {
                encoded.append('%').append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
            } else {
                encoded.append((char) (b & 0xff));
            }
        }
        return new String(encoded.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private final class SqliteConnection extends PooledConnection {

        private final FileState state;
        private final boolean alone;
        private final boolean settled;

        SqliteConnection(Connection connection, FileState state, boolean alone, boolean settled) {
            super(connection, Dialect.SQLITE, true);
            this.state = state;
            this.alone = alone;
            this.settled = settled;
        }

        @Override
        boolean isCurrent() throws IOException {
            return isSame(look());
        }

        @Override
        boolean isAlive() {
            return true;
        }

        @Override
        boolean confirms() throws IOException {
            return isSame(look());
        }

        private boolean isSame(FileState now) {
            return alone ? now.isSameAs(state) : now.key().equals(state.key());
        }

        @Override
        boolean isReusable() {
            return !alone || settled;
        }

        @Override
        void abandon() {
            // No server to part from: a lock is waited for no longer than the limit.
        }
    }
}
