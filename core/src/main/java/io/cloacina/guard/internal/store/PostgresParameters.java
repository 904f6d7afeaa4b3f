// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.postgresql.PGProperty;

/** Those of PostgreSQL: by the names of its JDBC driver and by those of libpq, which the reference uses. */
final class PostgresParameters extends StoreParameters {

    /** What libpq, and so the reference, knows, and what changes nothing that is trusted. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
            "fallback_application_name",
            "client_encoding");

    private final TreeMap<String, String> values = new TreeMap<>();

    private PostgresParameters(String text) {
        super(text);
    }

    /**
     * @param text what stands behind the question mark
     * @return by the names that the PostgreSQL driver has for them
     * @throws IllegalArgumentException if the driver does not know one of them, or its value
     */
    static NavigableMap<String, String> read(String text) {
        PostgresParameters parameters = new PostgresParameters(text);
        parameters.takeAll();
        return parameters.values;
    }

    @Override
    void take(String given, String value) {
        if (WITHOUT_EFFECT.contains(given)) {
            return;
        }
        switch (given) {
            // What libpq, and so the reference, calls otherwise than the JDBC driver does.
            case "application_name" -> put(given, "ApplicationName", value);
            case "dbname" -> put(given, "PGDBNAME", value);
            case "connect_timeout" -> put(given, "connectTimeout", require(given, value, null));
            case "channel_binding" -> putChecked(given, "channelBinding", value);
            case "gssencmode" -> putChecked(given, "gssEncMode", value);
            case "sslnegotiation" -> putChecked(given, "sslNegotiation", value);
            case "require_auth" -> putChecked(given, "requireAuth", value);
            case "keepalives" ->
                put(
                        given,
                        "tcpKeepAlive",
                        require(given, value, List.of("1", "0")).equals("1") ? "true" : "false");
            case "load_balance_hosts" ->
                put(
                        given,
                        "loadBalanceHosts",
                        require(given, value, List.of("random", "disable")).equals("random") ? "true" : "false");
            case "target_session_attrs" -> put(given, "targetServerType", serverType(given, value));
            default -> putChecked(given, given, value);
        }
    }

    private String serverType(String given, String value) {
        List<String> words = List.of("any", "read-write", "read-only", "primary", "standby", "prefer-standby");
        return switch (require(given, value, words)) {
            case "any" -> "any";
            case "read-write", "primary" -> "primary";
            case "prefer-standby" -> "preferSecondary";
            default -> "secondary";
        };
    }

    private void putChecked(String given, String name, String value) {
        PGProperty property = PGProperty.forName(name);
        if (property == null) {
            throw unknown(given, names());
        }
        String usual = property.getDefaultValue();
        if (property == PGProperty.REQUIRE_AUTH) {
            for (String one : value.split(",", -1)) {
                require(given, one.strip(), Arrays.asList(property.getChoices()));
            }
        } else if (property.getChoices() != null) {
            require(given, value, Arrays.asList(property.getChoices()));
        } else if (property == PGProperty.SSL || usual != null && BOOLEAN.contains(usual)) {
            require(given, value, BOOLEAN);
        } else if (usual != null && usual.matches("-?[0-9]+")) {
            require(given, value, null);
        }
        put(given, name, value);
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (PGProperty property : PGProperty.values()) {
            names.add(property.getName());
        }
        return names;
    }

    private void put(String given, String name, String value) {
        if (values.put(name, value) != null) {
            throw new IllegalArgumentException("the store address has the parameter [" + given + "] twice");
        }
    }
}
