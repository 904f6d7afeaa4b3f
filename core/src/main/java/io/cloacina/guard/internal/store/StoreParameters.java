// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.postgresql.PGProperty;
import org.sqlite.SQLiteConfig;

/**
 * The parameters of a store's address, checked by name and value against what the driver knows: it leaves out in silence
 * what it does not know, and connects without what was asked for.
 */
final class StoreParameters {

    private static final List<String> BOOLEAN = List.of("true", "false");
    private static final int LONGEST_SHOWN = 60;

    /** What libpq, and so the reference, knows, and what changes nothing that is trusted. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
            "fallback_application_name",
            "client_encoding");

    /** Of an SQLite URI. A store in memory would be gone with the process. */
    private static final Map<String, List<String>> SQLITE_URI = Map.of(
            "mode", List.of("ro", "rw", "rwc"),
            "cache", List.of("shared", "private"),
            "immutable", List.of("0", "1", "true", "false"));

    /** Of the pragmas that take no number. */
    private static final Set<String> SQLITE_TEXT = Set.of("temp_store_directory", "date_string_format", "encoding");

    /** Of an encrypted SQLite, which this is not. */
    private static final Set<String> SQLITE_UNUSABLE = Set.of("password", "hexkey_mode");

    private final String text;
    private final TreeMap<String, String> values = new TreeMap<>();

    private StoreParameters(String text) {
        this.text = text;
    }

    /**
     * @param text what stands behind the question mark
     * @return by the names that the PostgreSQL driver has for them
     * @throws IllegalArgumentException if the driver does not know one of them, or its value
     */
    static NavigableMap<String, String> postgresql(String text) {
        StoreParameters parameters = new StoreParameters(text);
        for (String[] pair : parameters.pairs()) {
            parameters.takePostgresql(pair[0], pair[1]);
        }
        return parameters.values;
    }

    /**
     * Checks them; which of them are used is decided by who opens the file.
     *
     * @throws IllegalArgumentException if SQLite does not know one of them, or its value
     */
    static void requireSqlite(String text) {
        StoreParameters parameters = new StoreParameters(text);
        for (String[] pair : parameters.pairs()) {
            parameters.takeSqlite(pair[0], pair[1]);
        }
    }

    private List<String[]> pairs() {
        List<String[]> pairs = new ArrayList<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("a parameter of the store address is not name=value");
            }
            pairs.add(new String[] {decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))});
        }
        return pairs;
    }

    /** @throws IllegalArgumentException if the percent-encoding is broken */
    static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the store address has a broken percent-encoding");
        }
    }

    // ---- PostgreSQL

    private void takePostgresql(String given, String value) {
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

    // ---- SQLite

    private void takeSqlite(String given, String value) {
        String name = given.toLowerCase(Locale.ROOT);
        if (name.equals("vfs")) {
            return;
        }
        if (SQLITE_URI.containsKey(name)) {
            require(given, value, SQLITE_URI.get(name));
            return;
        }
        List<String> names = new ArrayList<>(SQLITE_URI.keySet());
        for (SQLiteConfig.Pragma pragma : SQLiteConfig.Pragma.values()) {
            if (SQLITE_UNUSABLE.contains(pragma.pragmaName)) {
                continue;
            }
            names.add(pragma.pragmaName);
            // Other drivers write them with an underscore.
            if (!pragma.pragmaName.equals(name.startsWith("_") ? name.substring(1) : name)) {
                continue;
            }
            if (pragma.choices != null && !SQLITE_TEXT.contains(pragma.pragmaName)) {
                requireChoice(given, value, Arrays.asList(pragma.choices));
            } else if (!SQLITE_TEXT.contains(pragma.pragmaName) && !BOOLEAN.contains(value)) {
                require(given, value, null);
            }
            return;
        }
        throw unknown(given, names);
    }

    /** SQLite minds no case, and takes numbers for words. */
    private void requireChoice(String given, String value, List<String> choices) {
        for (String choice : choices) {
            if (choice.equalsIgnoreCase(value)) {
                return;
            }
        }
        if (!value.matches("[0-9]") && !(choices.containsAll(BOOLEAN) && value.matches("(?i)on|off|yes|no"))) {
            require(given, value, choices);
        }
    }

    // ---- what is said

    /** @param choices null for a number */
    private String require(String given, String value, List<String> choices) {
        if (choices == null ? isNumber(value) : choices.contains(value)) {
            return value;
        }
        throw new IllegalArgumentException("the parameter [" + given + "] of the store address"
                + (isShown(value) ? " is [" + value + "], which" : " has a value that") + " is "
                + (choices == null ? "no number" : "not one of " + String.join(", ", choices)));
    }

    private static boolean isNumber(String value) {
        try {
            Integer.parseInt(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private IllegalArgumentException unknown(String given, List<String> names) {
        return new IllegalArgumentException(
                isShown(given)
                        ? "the driver knows no parameter [" + given + "] of a store address; did you mean ["
                                + NearestName.of(given, names) + "]?"
                        : "the store address has a parameter that the driver does not know (a password with special"
                                + " characters must be percent-encoded)");
    }

    /** Whether it can be no part of a password that was not percent-encoded, nor a key. */
    private boolean isShown(String word) {
        return word.length() <= LONGEST_SHOWN
                && text.indexOf('@') < 0
                && word.matches("[A-Za-z0-9_.-]*")
                && !KeyText.isIn(word);
    }
}
