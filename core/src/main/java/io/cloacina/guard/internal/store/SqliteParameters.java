// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.sqlite.SQLiteConfig;

/** Those of SQLite: of its URI, and the pragmas that its driver takes. */
final class SqliteParameters extends StoreParameters {

    /** Of an SQLite URI. A store in memory would be gone with the process. */
    private static final Map<String, List<String>> URI = Map.of(
            "mode", List.of("ro", "rw", "rwc"),
            "cache", List.of("shared", "private"),
            "immutable", List.of("0", "1", "true", "false"));

    /** Of the pragmas that take no number. */
    private static final Set<String> TEXT = Set.of("temp_store_directory", "date_string_format", "encoding");

    /** Of an encrypted SQLite, which this is not. */
    private static final Set<String> UNUSABLE = Set.of("password", "hexkey_mode");

    private SqliteParameters(String text) {
        super(text);
    }

    /**
     * Checks them; which of them are used is decided by who opens the file.
     *
     * @throws IllegalArgumentException if SQLite does not know one of them, or its value
     */
    static void require(String text) {
        new SqliteParameters(text).takeAll();
    }

    @Override
    void take(String given, String value) {
        String name = given.toLowerCase(Locale.ROOT);
        if (name.equals("vfs")) {
            return;
        }
        if (URI.containsKey(name)) {
            require(given, value, URI.get(name));
            return;
        }
        List<String> names = new ArrayList<>(URI.keySet());
        for (SQLiteConfig.Pragma pragma : SQLiteConfig.Pragma.values()) {
            if (UNUSABLE.contains(pragma.pragmaName)) {
                continue;
            }
            names.add(pragma.pragmaName);
            // Other drivers write them with an underscore.
            if (!pragma.pragmaName.equals(name.startsWith("_") ? name.substring(1) : name)) {
                continue;
            }
            if (pragma.choices != null && !TEXT.contains(pragma.pragmaName)) {
                requireChoice(given, value, Arrays.asList(pragma.choices));
            } else if (!TEXT.contains(pragma.pragmaName) && !BOOLEAN.contains(value)) {
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
}
