// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, with its JDBI and its statement for the question of a verification; either is made when it is
 * first asked for. Belongs to one thread at a time.
 */
abstract class PooledConnection {

    private final Connection connection;
    private final Dialect dialect;
    private boolean limits;
    private @Nullable PreparedStatement question;
    private @Nullable Jdbi jdbi;

    /** @param limits whether the store has the tables of limits; may be wrong where preparing a statement shows that */
    PooledConnection(Connection connection, Dialect dialect, boolean limits) {
        this.connection = connection;
        this.dialect = dialect;
        this.limits = limits;
    }

    final Jdbi jdbi() {
        if (jdbi == null) {
            jdbi = Arguments.register(Jdbi.create(new Borrowed(connection)), dialect.codecs());
        }
        return jdbi;
    }

    /** {@link Verification}'s statement, prepared once for the life of the connection. */
    final PreparedStatement question() throws SQLException {
        if (question == null) {
            try {
                question = connection.prepareStatement(VerificationSql.of(dialect, limits));
            } catch (SQLException e) {
                // SQLite looks for the tables now, PostgreSQL when the statement is executed.
                if (!limits || dialect != Dialect.SQLITE || !isMissing(e)) {
                    throw e;
                }
                limits = false;
                question = connection.prepareStatement(VerificationSql.of(dialect, false));
            }
        }
        return question;
    }

    /** Gives a statement its parameters. */
    interface Parameters {
        void bind(PreparedStatement statement) throws SQLException;
    }

    /** Makes something of the current row. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** The rows of a query without JDBI: it is 900 classes that a JVM which only verifies does without. */
    final <T> List<T> list(String sql, Parameters parameters, RowReader<T> reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parameters.bind(statement);
            List<T> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(reader.read(row));
                }
            }
            return rows;
        }
    }

    private static boolean isMissing(SQLException e) {
        return String.valueOf(e.getMessage()).contains("no such table: guard_");
    }

    /** The tables of limits were made since the statement was prepared. */
    final void limitsHaveCome() throws SQLException {
        limits = true;
        if (question != null) {
            question.close();
        }
        // Not an empty table in the place of one that is missing: the store has had them all.
        question = connection.prepareStatement(VerificationSql.of(dialect, true));
    }

    /** Whether the store has the tables of limits, as far as is known. */
    final boolean hasLimits() {
        return limits;
    }

    final Dialect dialect() {
        return dialect;
    }

    final Connection connection() {
        return connection;
    }

    /** Whether the address still names the store that this is connected to; asked before it is used again. */
    abstract boolean isCurrent() throws IOException;

    /** Whether the server is still at the other end, by one exchange with it. */
    abstract boolean isAlive() throws SQLException;

    /** Whether what was just read through this connection counts; if not, it must be read again through a new one. */
    abstract boolean confirms() throws IOException;

    /** Whether it may serve more than one operation. */
    abstract boolean isReusable();

    /** Makes a thread that is stuck in this connection fail soon. Called from another thread; does not wait. */
    abstract void abandon();

    final void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing was promised about a connection that is given up, and no caller could act on the error.
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
