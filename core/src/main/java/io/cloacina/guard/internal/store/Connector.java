// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.sql.SQLException;

/** Opens connections to one store. */
interface Connector {

    /**
     * @throws IOException if what the address names is not there
     * @throws SQLException if the database refuses
     */
    PooledConnection open() throws IOException, SQLException;
}
