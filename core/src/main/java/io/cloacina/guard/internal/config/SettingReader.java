// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.audit.AuditSettings;
import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.internal.config.GuardConfig.Permission;
import io.cloacina.guard.internal.config.GuardConfig.Scope;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignatureSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The values of settings: of the system property, else of the environment variable, else the default. */
final class SettingReader {

    private static final String VARIABLE_PREFIX = "CLOACINA_";

    private final Map<String, String> properties;
    private final Map<String, String> environment;

    SettingReader(Map<String, String> properties, Map<String, String> environment) {
        this.properties = properties;
        this.environment = own(environment);
    }

    private static Map<String, String> own(Map<String, String> environment) {
        Map<String, String> own = new TreeMap<>();
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (variable.getKey().startsWith(VARIABLE_PREFIX)) {
                own.put(variable.getKey(), variable.getValue());
            }
        }
        return own;
    }

    private boolean isSet(String property) throws ConfigException {
        if (properties.containsKey(property)) {
            if (properties.get(property).isEmpty()) {
                throw new ConfigException("[" + property + "] is empty; leave it out, or give it a value");
            }
            return true;
        }
        return !environment.isEmpty()
                && !environment
                        .getOrDefault(SettingNames.variableOf(property), "")
                        .isEmpty();
    }

    /** @param <T> what {@link #parse} makes of the setting's kind */
    // The table of settings gives each kind the default of its type, which is null for some.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
    <T extends @Nullable Object> T value(Setting setting) throws ConfigException {
        String property = setting.property();
        if (!isSet(property)) {
            return (T) setting.defaultValue();
        }
        String set = properties.get(property);
        String text = set != null ? set : environment.getOrDefault(SettingNames.variableOf(property), "");
        try {
            return (T) parse(setting.kind(), text);
        } catch (IllegalArgumentException e) {
            String name = properties.containsKey(property) ? property : SettingNames.variableOf(property);
            // The store's address is not parsed here, so no password can be in this message.
            throw new ConfigException(
                    "[" + name + "] has a bad value [" + KeyText.shown(text) + "]: " + e.getMessage(), e);
        }
    }

    AuditSettings auditSettings() throws ConfigException {
        return new AuditSettings(
                value(Setting.AUDIT_TIMEOUT),
                value(Setting.AUDIT_FILE_SIZE),
                value(Setting.AUDIT_FILE_AGE),
                value(Setting.AUDIT_FILES),
                value(Setting.LABELS),
                null);
    }

    private static @Nullable Object parse(Setting.Kind kind, String text) {
        return switch (kind) {
            case BOOLEAN -> SettingValues.bool(text);
            case TEXT -> text;
            case UUID -> SettingValues.uuid(text);
            case PATH -> SettingValues.path(text);
            case PATHS, GLOBS, SINKS -> list(kind, text);
            case SOURCE -> SignatureSource.ofWord(text);
            case FORMAT -> SignatureFormat.ofWord(text);
            case SIGNERS -> SettingValues.signers(text);
            case DURATION -> SettingValues.duration(text);
            case DURATION_OR_NONE -> SettingValues.durationOrNone(text);
            case SIZE -> AuditSettings.size(text);
            case AGE -> AuditSettings.age(text);
            case FILES -> AuditSettings.files(text);
            case LABELS -> AuditSettings.labels(text);
            case SCOPE -> SettingValues.word(Scope.class, text);
            case CONNECTIONS -> SettingValues.connections(text);
            case PERMISSION -> SettingValues.word(Permission.class, text);
        };
    }

    private static List<Object> list(Setting.Kind kind, String text) {
        List<Object> all = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (part.isBlank()) {
                throw new IllegalArgumentException("an empty element in a comma-separated list");
            }
            all.add(element(kind, part.strip()));
        }
        return all;
    }

    private static Object element(Setting.Kind kind, String text) {
        return switch (kind) {
            case PATHS -> SettingValues.path(text);
            case SINKS -> AuditSinks.requireName(text);
            default -> SettingValues.glob(text);
        };
    }
}
