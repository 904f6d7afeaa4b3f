package io.cloacina.guard.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;

/** Connections to PostgreSQL, every wait of which ends by itself soon after nobody waits for it any more. */
final class PostgresConnector implements Connector {

    private final StoreUrl url;
    private final Properties properties = new Properties();
    private final int limitSeconds;
    private final Driver driver = new Driver();

    PostgresConnector(StoreUrl url, Duration limit) {
        this.url = url;
        this.limitSeconds =
                Math.toIntExact(Math.max(1, Math.min(limit.plusMillis(999).toSeconds(), 86_400)));
        properties.setProperty("ApplicationName", "cloacina-guard");
        properties.setProperty("tcpKeepAlive", "true");
        url.parameters().forEach(properties::setProperty);
        // The thread that asks waits no longer than its limit; these free the thread that works for it.
        properties.setProperty("connectTimeout", Integer.toString(limitSeconds));
        properties.setProperty("socketTimeout", Integer.toString(limitSeconds));
        properties.setProperty("cancelSignalTimeout", Integer.toString(limitSeconds));
        properties.setProperty("loginTimeout", "0");
    }

    @Override
    public Link open() throws SQLException {
        Connection connection = driver.connect(url.jdbcUrl(), properties);
        if (connection == null) {
            throw new SQLException("the driver does not take the address");
        }
        return new PostgresLink(connection, limitSeconds);
    }

    private static final class PostgresLink extends Link {

        private final int limitSeconds;

        PostgresLink(Connection connection, int limitSeconds) {
            super(connection, new PostgresCodecs());
            this.limitSeconds = limitSeconds;
        }

        @Override
        boolean isCurrent() {
            return true;
        }

        @Override
        boolean isAlive() throws SQLException {
            return connection().isValid(limitSeconds);
        }

        @Override
        boolean confirms() {
            return true;
        }

        @Override
        boolean isReusable() {
            return true;
        }

        @Override
        void abandon() {
            try {
                connection().abort(closing -> StoreThreads.start("cloacina-store-abort", closing));
            } catch (SQLException e) {
                // It is closed already, or the socket's own time-out ends the wait.
                return;
            }
        }
    }
}
