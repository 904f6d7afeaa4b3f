// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** An application with SQLite of its own. */
public final class SqliteHost {

    private SqliteHost() {}

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT 1 + 2")) {
            result.next();
            System.out.println(result.getInt(1));
        }
    }
}
