// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * Listens on a connection of its own for what {@link Announcements} has the database say. Whether anything announces
 * changes at all, a connection cannot know for long, so every wait that ends without news also counts as a change: the
 * limit of a wait is the interval of a poll.
 */
final class PostgresWatch implements TrustWatch {

    private final StoreUrl url;
    private final PooledConnection listener;
    private final Pause pause = new Pause();
    private boolean listening;

    private PostgresWatch(StoreUrl url, PooledConnection listener) {
        this.url = url;
        this.listener = listener;
    }

    static TrustWatch open(StoreUrl url, Connector connector) throws StoreUnavailableException {
        PooledConnection listener;
        try {
            listener = connector.open();
        } catch (Exception e) {
            throw lost(url, e);
        }
        PostgresWatch watch = new PostgresWatch(url, listener);
        boolean done = false;
        try {
            if (!isPooled(listener)) {
                watch.listen();
            }
            if (!watch.listening) {
                // Only a listener needs a connection to itself.
                listener.close();
            }
            done = true;
            return watch;
        } finally {
            if (!done) {
                listener.close();
            }
        }
    }

    private void listen() throws StoreUnavailableException {
        try (Statement statement = listener.connection().createStatement()) {
            statement.execute("LISTEN " + Announcements.CHANNEL);
            listening = true;
        } catch (SQLException e) {
            if (isOfConnection(e)) {
                throw lost(url, e);
            }
            // A server that only replays another one's log (25006) does not let anybody listen.
            listening = false;
        }
    }

    /** Through a pooler, what listens is a connection that the next transaction of another client has. */
    private static boolean isPooled(PooledConnection listener) {
        return listener instanceof PostgresConnector.PostgresConnection postgres && postgres.isPooled();
    }

    private static boolean isOfConnection(SQLException e) {
        return e.getSQLState() == null
                || e.getSQLState().startsWith("08")
                || e.getSQLState().startsWith("57");
    }

    @Override
    public boolean await(Duration limit) throws StoreUnavailableException {
        if (!listening) {
            pause.await(limit);
            return true;
        }
        Connection connection = listener.connection();
        try {
            int millis = (int) Math.max(1, Math.min(limit.toMillis(), Integer.MAX_VALUE));
            Object[] news = connection.unwrap(PGConnection.class).getNotifications(millis);
            if (news == null || news.length == 0) {
                // A connection whose other end is gone is silent too.
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SELECT 1");
                }
            }
            return true;
        } catch (SQLException e) {
            throw lost(url, e);
        }
    }

    private static StoreUnavailableException lost(StoreUrl url, Exception cause) {
        return new StoreUnavailableException(
                "trust store [" + url + "]: watch for changes: " + firstLine(cause), cause);
    }

    private static String firstLine(Exception cause) {
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    @Override
    public void close() {
        pause.end();
        listener.abandon();
    }
}
