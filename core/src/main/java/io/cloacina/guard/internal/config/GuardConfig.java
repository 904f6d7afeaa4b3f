// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.audit.AuditSettings;
import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.verify.SignatureSource;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The configuration of the agent: read once, checked as a whole, then frozen (a record cannot be changed, not even by
 * reflection).
 *
 * @param requireSignatures true: refuse what does not verify; false: verify, record, allow
 * @param databaseUrl the trust store's address as it was given, or null
 * @param orgId whose trust counts, or null
 * @param trustedKeys PEM files, or directories of them, whose keys are trusted without any database
 * @param signatureSource where signatures are looked for
 * @param audit names of the sinks
 * @param auditSettings how they are written
 * @param exempt globs over absolute paths that load unverified
 * @param scope what is verified
 * @param pinDirectory where private copies live; null for a new directory where the agent thinks best
 * @param maxPackageSizeBytes a larger package is refused before it is read; 0 for no limit but the free space
 * @param storeTimeout bound on every wait for the trust store
 * @param storeConnections how many connections to a PostgreSQL server questions may use at a time, 1 to 8
 * @param revocationPoll how long a revocation that the trust store does not announce may go unnoticed by a JVM that has
 *     loaded such packages; zero if it is not to be watched for
 * @param dynamicCode what becomes of classes without a package of their own
 * @param wovenClasses whether a host may weave classes before it defines them
 * @param systemLibraries globs over canonical paths of native libraries that belong to the operating system
 * @param resourceDirectories globs over absolute paths of directories that serve resources only, unverified
 * @param strict whether the JVM must not start with flags that leave an entry point without a hook
 */
public record GuardConfig(
        boolean requireSignatures,
        String databaseUrl,
        UUID orgId,
        List<Path> trustedKeys,
        SignatureSource signatureSource,
        List<String> audit,
        AuditSettings auditSettings,
        List<String> exempt,
        Scope scope,
        Path pinDirectory,
        long maxPackageSizeBytes,
        Duration storeTimeout,
        int storeConnections,
        Duration revocationPoll,
        Permission dynamicCode,
        Permission wovenClasses,
        List<String> systemLibraries,
        List<String> resourceDirectories,
        boolean strict) {

    /** Every property of the guard begins with this. */
    public static final String PREFIX = "cloacina.";

    private static final String VARIABLE_PREFIX = "CLOACINA_";

    private static final String REQUIRE_SIGNATURES = "cloacina.require_signatures";
    private static final String DATABASE_URL = "cloacina.database_url";
    private static final String ORG_ID = "cloacina.verification_org_id";
    private static final String TRUSTED_KEYS = "cloacina.trusted_keys";
    private static final String SIGNATURE_SOURCE = "cloacina.signature_source";
    private static final String AUDIT = "cloacina.audit";
    private static final String AUDIT_TIMEOUT = "cloacina.audit_timeout";
    private static final String AUDIT_FILE_SIZE = "cloacina.audit_file_size";
    private static final String AUDIT_FILE_AGE = "cloacina.audit_file_age";
    private static final String AUDIT_FILES = "cloacina.audit_files";
    private static final String LABELS = "cloacina.labels";
    private static final String EXEMPT = "cloacina.exempt";
    private static final String SCOPE = "cloacina.scope";
    private static final String PIN_DIRECTORY = "cloacina.pin_directory";
    private static final String MAX_PACKAGE_SIZE = "cloacina.max_package_size";
    private static final String STORE_TIMEOUT = "cloacina.store_timeout";
    private static final String STORE_CONNECTIONS = "cloacina.store_connections";
    private static final String REVOCATION_POLL = "cloacina.revocation_poll";
    private static final String DYNAMIC_CODE = "cloacina.dynamic_code";
    private static final String WOVEN_CLASSES = "cloacina.woven_classes";

    private static final String SYSTEM_LIBRARIES = "cloacina.system_libraries";
    private static final String RESOURCE_DIRECTORIES = "cloacina.resource_directories";
    private static final String STRICT = "cloacina.strict";

    /** Several times what packages have that people sign, and little enough to be read in some seconds. */
    private static final long DEFAULT_PACKAGE_SIZE_BYTES = 4L << 30;

    /** Where operating systems keep their libraries, writable only for their administrator. */
    private static final List<String> SYSTEM_DIRECTORIES = File.separatorChar == '/'
            ? List.of("/lib/**", "/lib64/**", "/usr/lib/**", "/usr/lib64/**", "/System/Library/**")
            : List.of("C:\\\\Windows\\\\System32\\\\**");

    static final Set<String> KNOWN = new TreeSet<>(Arrays.asList(
            REQUIRE_SIGNATURES,
            DATABASE_URL,
            ORG_ID,
            TRUSTED_KEYS,
            SIGNATURE_SOURCE,
            AUDIT,
            AUDIT_TIMEOUT,
            AUDIT_FILE_SIZE,
            AUDIT_FILE_AGE,
            AUDIT_FILES,
            LABELS,
            EXEMPT,
            SCOPE,
            PIN_DIRECTORY,
            MAX_PACKAGE_SIZE,
            STORE_TIMEOUT,
            STORE_CONNECTIONS,
            REVOCATION_POLL,
            DYNAMIC_CODE,
            WOVEN_CLASSES,
            SYSTEM_LIBRARIES,
            RESOURCE_DIRECTORIES,
            STRICT));

    /** What is verified. */
    public enum Scope {
        /** What is loaded after the JVM has started. */
        PLUGINS,
        /** The application's own class path too. */
        APPLICATION
    }

    /** A choice between letting something be and refusing it. */
    public enum Permission {
        ALLOW,
        DENY
    }

    public GuardConfig {
        trustedKeys = List.copyOf(trustedKeys);
        audit = List.copyOf(audit);
        exempt = List.copyOf(exempt);
        systemLibraries = List.copyOf(systemLibraries);
        resourceDirectories = List.copyOf(resourceDirectories);
    }

    /**
     * Reads system properties, else environment variables ({@code cloacina.scope} is {@code CLOACINA_SCOPE}), else
     * defaults. An empty environment variable counts as not set.
     *
     * @throws ConfigException for an unknown {@code cloacina.*} property, an environment variable that nearly has the
     *     name of one of the settings, a bad value, or a contradiction
     */
    public static GuardConfig read(Map<String, String> properties, Map<String, String> environment)
            throws ConfigException {
        new SettingNames(KNOWN).require(properties.keySet(), environment);
        Reader in = new Reader(properties, own(environment));
        GuardConfig config = new GuardConfig(
                in.value(REQUIRE_SIGNATURES, false),
                in.value(DATABASE_URL, null),
                in.value(ORG_ID, null),
                in.value(TRUSTED_KEYS, List.of()),
                in.value(SIGNATURE_SOURCE, SignatureSource.AUTO),
                in.value(AUDIT, List.of("stderr")),
                auditSettings(in),
                in.value(EXEMPT, List.of()),
                in.value(SCOPE, Scope.PLUGINS),
                in.value(PIN_DIRECTORY, null),
                in.value(MAX_PACKAGE_SIZE, DEFAULT_PACKAGE_SIZE_BYTES),
                in.value(STORE_TIMEOUT, Duration.ofSeconds(5)),
                in.value(STORE_CONNECTIONS, 1),
                in.value(REVOCATION_POLL, Duration.ofSeconds(10)),
                in.value(DYNAMIC_CODE, Permission.ALLOW),
                in.value(WOVEN_CLASSES, Permission.DENY),
                in.value(SYSTEM_LIBRARIES, SYSTEM_DIRECTORIES),
                in.value(RESOURCE_DIRECTORIES, List.of()),
                in.value(STRICT, false));
        config.requireConsistent();
        return config;
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

    /** How events are written, by the same names for agent and command line. */
    public static AuditSettings readAuditSettings(Map<String, String> environment) throws ConfigException {
        return auditSettings(new Reader(Map.of(), environment));
    }

    private static AuditSettings auditSettings(Reader in) throws ConfigException {
        AuditSettings usual = AuditSettings.DEFAULT;
        return new AuditSettings(
                in.value(AUDIT_TIMEOUT, usual.timeout()),
                in.value(AUDIT_FILE_SIZE, usual.fileSizeBytes()),
                in.value(AUDIT_FILE_AGE, usual.fileAge()),
                in.value(AUDIT_FILES, usual.files()),
                in.value(LABELS, usual.labels()),
                null);
    }

    /**
     * What the text of a property means. A table of functions would say the same, but to link the first few of them
     * takes a start several milliseconds.
     */
    private static Object parse(String property, String text) {
        return switch (property) {
            case REQUIRE_SIGNATURES, STRICT -> SettingValues.bool(text);
            case ORG_ID -> SettingValues.uuid(text);
            case TRUSTED_KEYS, AUDIT, EXEMPT, SYSTEM_LIBRARIES, RESOURCE_DIRECTORIES -> list(property, text);
            case SIGNATURE_SOURCE -> SignatureSource.ofWord(text);
            case AUDIT_FILE_SIZE, MAX_PACKAGE_SIZE -> AuditSettings.size(text);
            case AUDIT_FILE_AGE -> AuditSettings.age(text);
            case AUDIT_FILES -> AuditSettings.files(text);
            case LABELS -> AuditSettings.labels(text);
            case SCOPE -> SettingValues.word(Scope.class, text);
            case PIN_DIRECTORY -> SettingValues.path(text);
            case AUDIT_TIMEOUT, STORE_TIMEOUT -> SettingValues.duration(text);
            case STORE_CONNECTIONS -> SettingValues.connections(text);
            case REVOCATION_POLL -> SettingValues.durationOrNone(text);
            case DYNAMIC_CODE, WOVEN_CLASSES -> SettingValues.word(Permission.class, text);
            default -> text;
        };
    }

    private static Object parseElement(String property, String text) {
        return switch (property) {
            case TRUSTED_KEYS -> SettingValues.path(text);
            case AUDIT -> AuditSinks.requireName(text);
            default -> SettingValues.glob(text);
        };
    }

    private static List<Object> list(String property, String text) {
        List<Object> all = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (part.isBlank()) {
                throw new IllegalArgumentException("an empty element in a comma-separated list");
            }
            all.add(parseElement(property, part.strip()));
        }
        return all;
    }

    private void requireConsistent() throws ConfigException {
        if (requireSignatures && databaseUrl == null && trustedKeys.isEmpty()) {
            throw new ConfigException(REQUIRE_SIGNATURES + " is true, but there is neither " + DATABASE_URL + " nor "
                    + TRUSTED_KEYS + ": nothing could ever be loaded; set one of them");
        }
        if (requireSignatures && databaseUrl != null && orgId == null) {
            throw new ConfigException(REQUIRE_SIGNATURES + " is true and there is a " + DATABASE_URL + ", but no "
                    + ORG_ID + ": set it to the organisation whose trust counts");
        }
        if (signatureSource == SignatureSource.DATABASE && databaseUrl == null) {
            throw new ConfigException(SIGNATURE_SOURCE + " is [database], but there is no " + DATABASE_URL
                    + ": set it, or use [detached]");
        }
    }

    /** Whether any setting is there that only an agent has: some are the command line's too. */
    public static boolean isForAgent(Map<String, String> properties, Map<String, String> environment) {
        for (String property : KNOWN) {
            boolean shared = property.equals(DATABASE_URL) || property.startsWith(AUDIT);
            if (properties.containsKey(property)
                    || !shared
                            && !environment
                                    .getOrDefault(SettingNames.variableOf(property), "")
                                    .isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Whether a system property is a setting of the guard's, or may have been meant to be one. */
    public static boolean isMeant(String property) {
        return property.startsWith(PREFIX) || SettingNames.resembles(property);
    }

    /** {@code enforcing} or {@code audit}. */
    public String mode() {
        return requireSignatures ? "enforcing" : "audit";
    }

    /**
     * Reads the files of {@link #trustedKeys} as an agent does at its start.
     *
     * @return how many keys they hold
     * @throws ConfigException if any of them is missing, empty, or not a usable public key
     */
    public int readTrustedKeys() throws ConfigException {
        return TrustedKeyFiles.read(trustedKeys).size();
    }

    /** Whether {@code path} (absolute, without links) is exempt from verification. */
    public boolean isExempt(Path path) {
        return PathGlob.anyMatches(exempt, path);
    }

    /** Whether {@code path} (canonical) is a library of the operating system. */
    public boolean isSystemLibrary(Path path) {
        return PathGlob.anyMatches(systemLibraries, path);
    }

    /** Whether {@code path} (absolute, without links) serves resources only. */
    public boolean isResourceDirectory(Path path) {
        return PathGlob.anyMatches(resourceDirectories, path);
    }

    /** SHA-256 over every setting (a password in the store's address included, so it shows a change, not a value). */
    public String digest() {
        return PackageHash.ofDigest(Sha256.ofShort(toText().getBytes(StandardCharsets.UTF_8)))
                .hex();
    }

    private String toText() {
        Map<String, Object> all = new TreeMap<>();
        all.put(REQUIRE_SIGNATURES, requireSignatures);
        all.put(DATABASE_URL, databaseUrl);
        all.put(ORG_ID, orgId);
        all.put(TRUSTED_KEYS, trustedKeys);
        all.put(SIGNATURE_SOURCE, signatureSource);
        all.put(AUDIT, audit);
        all.put(AUDIT_TIMEOUT, auditSettings.timeout());
        all.put(AUDIT_FILE_SIZE, auditSettings.fileSizeBytes());
        all.put(AUDIT_FILE_AGE, auditSettings.fileAge());
        all.put(AUDIT_FILES, auditSettings.files());
        all.put(LABELS, auditSettings.labels());
        all.put(EXEMPT, exempt);
        all.put(SCOPE, scope);
        all.put(PIN_DIRECTORY, pinDirectory);
        all.put(MAX_PACKAGE_SIZE, maxPackageSizeBytes);
        all.put(STORE_TIMEOUT, storeTimeout);
        all.put(STORE_CONNECTIONS, storeConnections);
        all.put(REVOCATION_POLL, revocationPoll);
        all.put(DYNAMIC_CODE, dynamicCode);
        all.put(WOVEN_CLASSES, wovenClasses);
        all.put(SYSTEM_LIBRARIES, systemLibraries);
        all.put(RESOURCE_DIRECTORIES, resourceDirectories);
        all.put(STRICT, strict);
        return all.toString();
    }

    /** Says what it is without the store's address, which may hold a password. */
    @Override
    public String toString() {
        return "GuardConfig[" + mode() + ", org=" + orgId + ", scope=" + scope + "]";
    }

    /** Values by name. */
    private record Reader(Map<String, String> properties, Map<String, String> environment) {

        boolean isSet(String property) throws ConfigException {
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

        /** @param <T> what {@link GuardConfig#parse} makes of the property */
        @SuppressWarnings("unchecked")
        <T> T value(String property, T otherwise) throws ConfigException {
            if (!isSet(property)) {
                return otherwise;
            }
            String text = properties.containsKey(property)
                    ? properties.get(property)
                    : environment.get(SettingNames.variableOf(property));
            try {
                return (T) parse(property, text);
            } catch (IllegalArgumentException e) {
                String name = properties.containsKey(property) ? property : SettingNames.variableOf(property);
                // The store's address is not parsed here, so no password can be in this message.
                throw new ConfigException(
                        "[" + name + "] has a bad value [" + KeyText.shown(text) + "]: " + e.getMessage(), e);
            }
        }
    }
}
