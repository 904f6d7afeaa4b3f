// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.audit.AuditSettings;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of the agent: read once, checked as a whole, then frozen (a record cannot be changed, not even by
 * reflection).
 *
 * @param requireSignatures true: refuse what does not verify; false: verify, record, allow
 * @param databaseUrl the trust store's address as it was given, or null
 * @param orgId whose trust counts, or null
 * @param trustedKeys PEM files, or directories of them, whose keys are trusted without any database
 * @param signatures which of them make a package acceptable
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
        @Nullable String databaseUrl,
        @Nullable UUID orgId,
        List<Path> trustedKeys,
        SignaturePolicy signatures,
        List<String> audit,
        AuditSettings auditSettings,
        List<String> exempt,
        Scope scope,
        @Nullable Path pinDirectory,
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
        new SettingNames(Setting.properties()).require(properties.keySet(), environment);
        SettingReader in = new SettingReader(properties, environment);
        GuardConfig config = new GuardConfig(
                in.value(Setting.REQUIRE_SIGNATURES),
                in.value(Setting.DATABASE_URL),
                in.value(Setting.ORG_ID),
                in.value(Setting.TRUSTED_KEYS),
                new SignaturePolicy(
                        in.value(Setting.SIGNATURE_SOURCE),
                        in.value(Setting.SIGNATURE_FORMAT),
                        in.value(Setting.REQUIRED_SIGNERS)),
                in.value(Setting.AUDIT),
                in.auditSettings(),
                in.value(Setting.EXEMPT),
                in.value(Setting.SCOPE),
                in.value(Setting.PIN_DIRECTORY),
                in.value(Setting.MAX_PACKAGE_SIZE),
                in.value(Setting.STORE_TIMEOUT),
                in.value(Setting.STORE_CONNECTIONS),
                in.value(Setting.REVOCATION_POLL),
                in.value(Setting.DYNAMIC_CODE),
                in.value(Setting.WOVEN_CLASSES),
                in.value(Setting.SYSTEM_LIBRARIES),
                in.value(Setting.RESOURCE_DIRECTORIES),
                in.value(Setting.STRICT));
        config.requireConsistent();
        return config;
    }

    /** How events are written, by the same names for agent and command line. */
    public static AuditSettings readAuditSettings(Map<String, String> environment) throws ConfigException {
        return new SettingReader(Map.of(), environment).auditSettings();
    }

    private void requireConsistent() throws ConfigException {
        if (requireSignatures && databaseUrl == null && trustedKeys.isEmpty()) {
            throw new ConfigException(
                    Setting.REQUIRE_SIGNATURES + " is true, but there is neither " + Setting.DATABASE_URL + " nor "
                            + Setting.TRUSTED_KEYS + ": nothing could ever be loaded; set one of them");
        }
        if (requireSignatures && databaseUrl != null && orgId == null) {
            throw new ConfigException(Setting.REQUIRE_SIGNATURES + " is true and there is a " + Setting.DATABASE_URL
                    + ", but no " + Setting.ORG_ID + ": set it to the organisation whose trust counts");
        }
        if (signatures.source() == SignatureSource.DATABASE && databaseUrl == null) {
            throw new ConfigException(Setting.SIGNATURE_SOURCE + " is [database], but there is no "
                    + Setting.DATABASE_URL + ": set it, or use [detached]");
        }
    }

    /** Whether any setting is there that only an agent has: some are the command line's too. */
    public static boolean isForAgent(Map<String, String> properties, Map<String, String> environment) {
        for (Setting setting : Setting.values()) {
            String property = setting.property();
            boolean shared = setting == Setting.DATABASE_URL || property.startsWith(Setting.AUDIT.property());
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
        Set<Ed25519PublicKey> keys = new HashSet<>(TrustedKeyFiles.read(trustedKeys));
        requireEnough(keys.size());
        return keys.size();
    }

    /**
     * @param keys how many different ones {@link #trustedKeys} hold
     * @throws ConfigException if these are all keys there are, and too few for {@code cloacina.required_signers}
     */
    public void requireEnough(int keys) throws ConfigException {
        int required = signatures.requiredSigners();
        if (requireSignatures && databaseUrl == null && keys < required) {
            throw new ConfigException(Setting.REQUIRED_SIGNERS + " is [" + required + "], but " + Setting.TRUSTED_KEYS
                    + " has " + keys + " different " + (keys == 1 ? "key" : "keys")
                    + ": nothing could ever be loaded; name more keys, or ask for fewer signers");
        }
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
        all.put(Setting.REQUIRE_SIGNATURES.property(), requireSignatures);
        all.put(Setting.DATABASE_URL.property(), databaseUrl);
        all.put(Setting.ORG_ID.property(), orgId);
        all.put(Setting.TRUSTED_KEYS.property(), trustedKeys);
        all.put(Setting.SIGNATURE_SOURCE.property(), signatures.source());
        all.put(Setting.SIGNATURE_FORMAT.property(), signatures.format());
        all.put(Setting.REQUIRED_SIGNERS.property(), signatures.requiredSigners());
        all.put(Setting.AUDIT.property(), audit);
        all.put(Setting.AUDIT_TIMEOUT.property(), auditSettings.timeout());
        all.put(Setting.AUDIT_FILE_SIZE.property(), auditSettings.fileSizeBytes());
        all.put(Setting.AUDIT_FILE_AGE.property(), auditSettings.fileAge());
        all.put(Setting.AUDIT_FILES.property(), auditSettings.files());
        all.put(Setting.LABELS.property(), auditSettings.labels());
        all.put(Setting.EXEMPT.property(), exempt);
        all.put(Setting.SCOPE.property(), scope);
        all.put(Setting.PIN_DIRECTORY.property(), pinDirectory);
        all.put(Setting.MAX_PACKAGE_SIZE.property(), maxPackageSizeBytes);
        all.put(Setting.STORE_TIMEOUT.property(), storeTimeout);
        all.put(Setting.STORE_CONNECTIONS.property(), storeConnections);
        all.put(Setting.REVOCATION_POLL.property(), revocationPoll);
        all.put(Setting.DYNAMIC_CODE.property(), dynamicCode);
        all.put(Setting.WOVEN_CLASSES.property(), wovenClasses);
        all.put(Setting.SYSTEM_LIBRARIES.property(), systemLibraries);
        all.put(Setting.RESOURCE_DIRECTORIES.property(), resourceDirectories);
        all.put(Setting.STRICT.property(), strict);
        return all.toString();
    }

    /** Says what it is without the store's address, which may hold a password. */
    @Override
    public String toString() {
        return "GuardConfig[" + mode() + ", org=" + orgId + ", scope=" + scope + "]";
    }
}
