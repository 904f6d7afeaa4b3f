// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * Connections to PostgreSQL. Each of their waits ends by itself soon after the deadline of its caller.
 *
 * <p>Of several hosts each gets its part of the time, and one that did not answer is tried last the next time: with the
 * driver's own list, a dead first host takes all the time of every question. Which of them is the primary is told by
 * {@code pg_is_in_recovery}: the driver asks for {@code transaction_read_only}, which is also on where only the role is
 * kept from writing.
 */
final class PostgresConnector implements Connector {

    private static final String PREPARE_THRESHOLD = "prepareThreshold";

    private static final String EXAMINE = "SELECT pg_backend_pid(), pg_is_in_recovery(), "
            + Dialect.POSTGRESQL.tableIsThere(VerificationSql.LIMITS_TABLE);

    private final Properties properties = new Properties();
    private final int limitSeconds;
    private final Driver driver = new Driver();
    private final List<String> hosts;
    private final String serverType;
    private final boolean balanced;
    private final boolean mayPrepare;
    private final Set<String> suspects = new HashSet<>();

    PostgresConnector(StoreUrl url, Duration limit) {
        this.limitSeconds =
                Math.toIntExact(Math.max(1, Math.min(limit.plusMillis(999).toSeconds(), 86_400)));
        NavigableMap<String, String> given = url.parameters();
        this.hosts = url.hosts();
        this.serverType = given.getOrDefault("targetServerType", "any");
        this.balanced = "true".equals(given.get("loadBalanceHosts"));
        this.mayPrepare = given.containsKey(PREPARE_THRESHOLD);
        properties.setProperty("ApplicationName", "cloacina-guard");
        properties.setProperty("tcpKeepAlive", "true");
        given.forEach(properties::setProperty);
        properties.remove("targetServerType");
        properties.remove("loadBalanceHosts");
        properties.setProperty("cancelSignalTimeout", Integer.toString(limitSeconds));
        properties.setProperty("loginTimeout", "0");
    }

    @Override
    public PooledConnection open() throws SQLException {
        List<String> order = order();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
        Failures failures = new Failures(order.size() > 1);
        PostgresConnection secondBest = null;
        for (int i = 0; i < order.size(); i++) {
            long rest = TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime());
            PostgresConnection candidate = open(order.get(i), (int) Math.max(1, rest / (order.size() - i)), failures);
            if (candidate == null) {
                continue;
            }
            if (isWanted(candidate)) {
                trust(order.get(i));
                if (secondBest != null) {
                    secondBest.close();
                }
                return candidate;
            }
            if (serverType.startsWith("prefer") && secondBest == null) {
                secondBest = candidate;
                continue;
            }
            candidate.close();
            failures.add(order.get(i), new SQLException("it is no server of the type [" + serverType + "]"));
        }
        if (secondBest != null) {
            return secondBest;
        }
        throw failures.all();
    }

    /** Null if the host does not let itself be connected to. */
    private @Nullable PostgresConnection open(String host, int seconds, Failures failures) {
        // A caller that gave up during this wait has left word that another host is to be tried first.
        suspect(host);
        Properties those = new Properties();
        those.putAll(properties);
        // The thread that asks waits no longer than its limit; these free the thread that works for it.
        those.setProperty("connectTimeout", Integer.toString(seconds));
        those.setProperty("socketTimeout", Integer.toString(seconds));
        try {
            Connection connection = driver.connect("jdbc:postgresql://" + host + "/", those);
            if (connection == null) {
                throw new SQLException("the driver does not take the address");
            }
            return examine(connection);
        } catch (SQLException e) {
            failures.add(host, e);
            return null;
        }
    }

    private PostgresConnection examine(Connection connection) throws SQLException {
        boolean done = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(EXAMINE)) {
            row.next();
            PGConnection own = connection.unwrap(PGConnection.class);
            // A pooler makes up the number that it gives its clients.
            boolean pooled = row.getInt(1) != own.getBackendPID();
            if (pooled && !mayPrepare) {
                // The next transaction may have another connection, which knows none of this one's statements.
                own.setPrepareThreshold(0);
            }
            connection.setNetworkTimeout(null, limitSeconds * 1000);
            PostgresConnection candidate =
                    new PostgresConnection(connection, limitSeconds, pooled, row.getBoolean(2), row.getBoolean(3));
            done = true;
            return candidate;
        } finally {
            if (!done) {
                connection.close();
            }
        }
    }

    private boolean isWanted(PostgresConnection candidate) {
        return switch (serverType) {
            case "primary", "master", "preferPrimary" -> !candidate.isReplica();
            case "secondary", "slave", "preferSecondary", "preferSlave" -> candidate.isReplica();
            default -> true;
        };
    }

    /** Those that answered, or were not asked yet, first. */
    private List<String> order() {
        List<String> all = new ArrayList<>(hosts);
        if (all.size() == 1) {
            return all;
        }
        if (balanced) {
            Collections.shuffle(all);
        }
        List<String> last = new ArrayList<>();
        synchronized (suspects) {
            for (String host : all) {
                if (suspects.contains(host)) {
                    last.add(host);
                }
            }
        }
        all.removeAll(last);
        all.addAll(last);
        return all;
    }

    private void suspect(String host) {
        synchronized (suspects) {
            suspects.add(host);
        }
    }

    private void trust(String host) {
        synchronized (suspects) {
            suspects.remove(host);
        }
    }

    /** Why each host was passed over. */
    private static final class Failures {
        private final boolean named;
        private final StringBuilder text = new StringBuilder();
        private @Nullable SQLException last;

        Failures(boolean named) {
            this.named = named;
        }

        void add(String host, SQLException failure) {
            last = failure;
            text.append(text.isEmpty() ? "" : "; ").append(host).append(": ").append(StoreFailure.firstLine(failure));
        }

        SQLException all() {
            SQLException newest = Objects.requireNonNull(last, "an address has at least one host");
            return named ? new SQLException("no host serves: " + text, newest.getSQLState(), newest) : newest;
        }
    }

    /** A connection to a server, or to a pooler in front of one. */
    static final class PostgresConnection extends PooledConnection {

        private final int limitSeconds;
        private final boolean pooled;
        private final boolean replica;

        PostgresConnection(Connection connection, int limitSeconds, boolean pooled, boolean replica, boolean limits) {
            super(connection, Dialect.POSTGRESQL, limits);
            this.limitSeconds = limitSeconds;
            this.pooled = pooled;
            this.replica = replica;
        }

        /** Whether the session may be another one with each transaction. */
        boolean isPooled() {
            return pooled;
        }

        /** Whether the server only replays another one's log. */
        boolean isReplica() {
            return replica;
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
