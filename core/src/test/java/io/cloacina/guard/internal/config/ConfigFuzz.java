// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cloacina.guard.internal.text.KeyText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings, a line for each, those in capitals as environment variables: refused without repeating what looks like a key,
 * or meaning the same as properties and as environment variables.
 */
public final class ConfigFuzz {

    private static final Path ANY = Path.of("/srv/plugins/any.jar");

    private ConfigFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws ConfigException {
        Map<String, String> properties = new TreeMap<>();
        Map<String, String> environment = new TreeMap<>();
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                (line.startsWith("CLOACINA_") ? environment : properties)
                        .put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        GuardConfig config;
        try {
            config = GuardConfig.read(properties, environment);
        } catch (ConfigException e) {
            assertFalse(KeyText.isIn(e.getMessage()), "repeats what looks like a key");
            return;
        }
        config.isExempt(ANY);
        config.isSystemLibrary(ANY);
        config.isResourceDirectory(ANY);

        Map<String, String> all = new TreeMap<>(environment);
        properties.forEach((name, value) -> {
            if (name.startsWith(GuardConfig.PREFIX)) {
                all.put(SettingNames.variableOf(name), value);
            }
        });
        GuardConfig same = GuardConfig.read(Map.of(), all);
        assertEquals(config, same);
        assertEquals(config.digest(), same.digest());
        if (!properties.isEmpty()) {
            properties.put("cloacina.surely_none", "");
            assertThrows(ConfigException.class, () -> GuardConfig.read(properties, environment));
        }
    }
}
