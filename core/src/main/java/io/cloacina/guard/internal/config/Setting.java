// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.audit.AuditSettings;
import io.cloacina.guard.internal.config.GuardConfig.Permission;
import io.cloacina.guard.internal.config.GuardConfig.Scope;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignatureSource;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The settings of the agent: name, kind of value, default. {@code docs/configuration.md} says what they mean. */
enum Setting {
    REQUIRE_SIGNATURES("require_signatures", Kind.BOOLEAN, false),
    DATABASE_URL("database_url", Kind.TEXT, null),
    ORG_ID("verification_org_id", Kind.UUID, null),
    TRUSTED_KEYS("trusted_keys", Kind.PATHS, List.of()),
    SIGNATURE_SOURCE("signature_source", Kind.SOURCE, SignatureSource.AUTO),
    SIGNATURE_FORMAT("signature_format", Kind.FORMAT, SignatureFormat.ANY),
    REQUIRED_SIGNERS("required_signers", Kind.SIGNERS, 1),
    AUDIT("audit", Kind.SINKS, List.of("stderr")),
    AUDIT_TIMEOUT("audit_timeout", Kind.DURATION, AuditSettings.DEFAULT.timeout()),
    AUDIT_FILE_SIZE("audit_file_size", Kind.SIZE, AuditSettings.DEFAULT.fileSizeBytes()),
    AUDIT_FILE_AGE("audit_file_age", Kind.AGE, AuditSettings.DEFAULT.fileAge()),
    AUDIT_FILES("audit_files", Kind.FILES, AuditSettings.DEFAULT.files()),
    LABELS("labels", Kind.LABELS, AuditSettings.DEFAULT.labels()),
    EXEMPT("exempt", Kind.GLOBS, List.of()),
    SCOPE("scope", Kind.SCOPE, Scope.PLUGINS),
    PIN_DIRECTORY("pin_directory", Kind.PATH, null),
    /** Several times what packages have that people sign, and little enough to be read in some seconds. */
    MAX_PACKAGE_SIZE("max_package_size", Kind.SIZE, 4L << 30),
    STORE_TIMEOUT("store_timeout", Kind.DURATION, Duration.ofSeconds(5)),
    STORE_CONNECTIONS("store_connections", Kind.CONNECTIONS, 1),
    REVOCATION_POLL("revocation_poll", Kind.DURATION_OR_NONE, Duration.ofSeconds(10)),
    DYNAMIC_CODE("dynamic_code", Kind.PERMISSION, Permission.ALLOW),
    WOVEN_CLASSES("woven_classes", Kind.PERMISSION, Permission.DENY),
    /** Where operating systems keep their libraries, writable only for their administrator. */
    SYSTEM_LIBRARIES(
            "system_libraries",
            Kind.GLOBS,
            File.separatorChar == '/'
                    ? List.of("/lib/**", "/lib64/**", "/usr/lib/**", "/usr/lib64/**", "/System/Library/**")
                    : List.of("C:\\\\Windows\\\\System32\\\\**")),
    RESOURCE_DIRECTORIES("resource_directories", Kind.GLOBS, List.of()),
    STRICT("strict", Kind.BOOLEAN, false);

    /** What a text means. A function for each would say the same, but to link the first few takes a start milliseconds. */
    enum Kind {
        BOOLEAN,
        TEXT,
        UUID,
        PATH,
        PATHS,
        GLOBS,
        SINKS,
        SOURCE,
        FORMAT,
        SIGNERS,
        DURATION,
        DURATION_OR_NONE,
        SIZE,
        AGE,
        FILES,
        LABELS,
        SCOPE,
        CONNECTIONS,
        PERMISSION
    }

    private final String property;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // a value or a list of values, none of which can be changed
    private final @Nullable Object defaultValue;

    Setting(String name, Kind kind, @Nullable Object defaultValue) {
        this.property = GuardConfig.PREFIX + name;
        this.kind = kind;
        this.defaultValue = defaultValue;
    }

    String property() {
        return property;
    }

    Kind kind() {
        return kind;
    }

    /** What {@link SettingReader#value} gives where it is not set; null for nothing. */
    @Nullable
    Object defaultValue() {
        return defaultValue;
    }

    /** The names of all. */
    static Set<String> properties() {
        Set<String> properties = new TreeSet<>();
        for (Setting setting : values()) {
            properties.add(setting.property);
        }
        return properties;
    }

    @Override
    public String toString() {
        return property;
    }
}
