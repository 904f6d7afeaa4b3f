package io.cloacina.guard.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Jdbi;

/** One open connection with its JDBI. Belongs to one thread at a time. */
abstract class Link {

    private final Connection connection;
    private final Jdbi jdbi;

    Link(Connection connection, Codecs codecs) {
        this.connection = connection;
        this.jdbi = codecs.register(Jdbi.create(new Borrowed(connection)));
    }

    final Jdbi jdbi() {
        return jdbi;
    }

    final Connection connection() {
        return connection;
    }

    /** Whether what this leads to is still what the address names; asked before the link is used again. */
    abstract boolean isCurrent() throws IOException;

    /** Whether the server is still at the other end, by one exchange with it. */
    abstract boolean isAlive() throws SQLException;

    /** Whether what was just read through this link counts; if not, it must be read again through a new one. */
    abstract boolean confirms() throws IOException;

    /** Whether it may serve more than one operation. */
    abstract boolean isReusable();

    /** Makes a thread that is stuck in this link fail soon. Called from another thread; does not wait. */
    abstract void abandon();

    final void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing was promised about a connection that is given up, and there is nobody to tell.
            abandon();
        }
    }

    /** Lends the one connection to JDBI's handles, which open and close it for every operation. */
    private record Borrowed(Connection connection) implements ConnectionFactory {

        @Override
        public Connection openConnection() {
            return connection;
        }

        @Override
        public void closeConnection(Connection lent) {
            // Stays open for the next operation.
        }
    }
}
