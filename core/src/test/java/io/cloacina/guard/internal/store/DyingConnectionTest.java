// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection that dies between two statements: a real one dies when it likes. */
class DyingConnectionTest {

    private static final SQLException GONE = new SQLException("the connection is gone", "08006");

    private final Connector connector = mock(Connector.class);
    private final StoreThreads.Deadline deadline = mock(StoreThreads.Deadline.class);
    private final ConnectionPool pool = new ConnectionPool(connector);
    private final PooledConnection dying = pooled();
    private final PooledConnection fresh = pooled();

    private static PooledConnection pooled() {
        PooledConnection pooled = mock(PooledConnection.class);
        Connection connection = mock(Connection.class);
        when(pooled.connection()).thenReturn(connection);
        return pooled;
    }

    @BeforeEach
    void open() throws Exception {
        when(connector.open()).thenReturn(dying, fresh);
        for (PooledConnection pooled : new PooledConnection[] {dying, fresh}) {
            when(pooled.isCurrent()).thenReturn(true);
            when(pooled.isAlive()).thenReturn(true);
            when(pooled.confirms()).thenReturn(true);
            when(pooled.isReusable()).thenReturn(true);
            Statement statement = mock(Statement.class);
            when(pooled.connection().createStatement()).thenReturn(statement);
        }
        Statement mortal = mock(Statement.class);
        when(mortal.execute(anyString())).thenReturn(false).thenThrow(GONE);
        when(dying.connection().createStatement()).thenReturn(mortal);
    }

    private static String twoStatements(PooledConnection pooled) throws SQLException {
        try (Statement statement = pooled.connection().createStatement()) {
            statement.execute("first");
            statement.execute("second");
            return "done";
        }
    }

    /** Whether the first one was committed is not known, so nothing is done twice. */
    @Test
    void change_whoseConnectionDies_failsAndIsNotTriedAgain() throws Exception {
        SQLException thrown =
                assertThrows(SQLException.class, () -> pool.write(deadline, DyingConnectionTest::twoStatements));

        assertSame(GONE, thrown);
        verify(connector, times(1)).open();
        verify(dying).close();

        assertEquals("done", pool.write(deadline, DyingConnectionTest::twoStatements));
        verify(connector, times(2)).open();
        verify(fresh, never()).close();
    }

    @Test
    void question_whoseIdleConnectionDies_isAskedOnceMoreThroughAFreshOne() throws Exception {
        assertEquals("idle", pool.read(deadline, pooled -> "idle"));

        assertEquals("done", pool.read(deadline, DyingConnectionTest::twoStatements));

        verify(dying).close();
        verify(connector, times(2)).open();
        verify(fresh, never()).close();
    }

    @Test
    void question_whoseConnectionDiesWhenTimeIsOver_failsAtOnce() throws Exception {
        assertEquals("idle", pool.read(deadline, pooled -> "idle"));
        when(deadline.isOver()).thenReturn(true);

        assertThrows(SQLException.class, () -> pool.read(deadline, DyingConnectionTest::twoStatements));

        verify(dying).close();
        verify(connector, times(1)).open();
    }
}
