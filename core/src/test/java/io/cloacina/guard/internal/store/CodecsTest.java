// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CodecsTest {

    private final Codecs codecs = Dialect.SQLITE.codecs();
    private Connection connection;
    private ResultSet row;

    @BeforeEach
    void select() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        row = connection.createStatement().executeQuery("SELECT NULL AS absent");
        row.next();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void readsNothingWhereThereNeedBeNothing() throws SQLException {
        assertNull(codecs.uuidOrNull(row, "absent"));
        assertNull(codecs.instantOrNull(row, "absent"));
    }

    @Test
    void namesTheColumnThatMustHaveAValue() {
        assertEquals("column [absent] holds no id", refusal(() -> codecs.uuid(row, "absent")));
        assertEquals("column [absent] holds no time", refusal(() -> codecs.instant(row, "absent")));
    }

    private static String refusal(Executable reading) {
        return assertThrows(SQLException.class, reading).getMessage();
    }
}
