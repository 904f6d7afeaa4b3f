// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import org.jdbi.v3.core.statement.ParsedSql;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Finds {@code :name} in this package's SQL, which has no colon anywhere else: not in a text, a comment or a cast.
 * JDBI's own parser also understands what is not written here, and brings a parser generator's run time for it.
 */
final class NamedParameters implements SqlParser {

    @Override
    public ParsedSql parse(String sql, StatementContext context) {
        ParsedSql.Builder parsed = ParsedSql.builder();
        int from = 0;
        for (int colon = sql.indexOf(':'); colon >= 0; colon = sql.indexOf(':', from)) {
            int end = colon + 1;
            while (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end))) {
                end++;
            }
            if (end == colon + 1) {
                throw new IllegalArgumentException("a colon without a name in [" + sql + "]");
            }
            parsed.append(sql.substring(from, colon)).appendNamedParameter(sql.substring(colon + 1, end));
            from = end;
        }
        return parsed.append(sql.substring(from)).build();
    }

    @Override
    public String nameParameter(String rawName, StatementContext context) {
        return ":" + rawName;
    }
}
