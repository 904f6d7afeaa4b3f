// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.CLASS_LOADER;
import static io.cloacina.guard.audit.FieldNames.COVERED_BY;
import static io.cloacina.guard.audit.FieldNames.ERROR;
import static io.cloacina.guard.audit.FieldNames.FAILURE_REASON;
import static io.cloacina.guard.audit.FieldNames.HOOK;
import static io.cloacina.guard.audit.FieldNames.KIND;
import static io.cloacina.guard.audit.FieldNames.NOTES;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_HASH;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_PATH;
import static io.cloacina.guard.audit.FieldNames.SIGNATURE_VERIFIED;
import static io.cloacina.guard.audit.FieldNames.SIGNER_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.SIGNER_NAME;
import static io.cloacina.guard.audit.FieldNames.SUPERSEDES;
import static io.cloacina.guard.audit.FieldNames.WOVEN;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Verdict;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The events of loads: {@code package.load.success} and {@code package.load.failure}. The order of the calls is the order
 * of the fields.
 */
public final class LoadEvents {

    private LoadEvents() {}

    /**
     * What is loaded.
     *
     * @param packagePath the absolute path of a file, or the URL that the package comes from
     * @param kind {@code jar}, {@code directory}, {@code native}, {@code class} or {@code agent}
     * @param hook the entry point through which it comes
     * @param classLoader a description of the loader that asks, or null where none is known
     */
    public record Subject(
            String packagePath,
            String kind,
            String hook,
            @Nullable String classLoader) {}

    /** It is not loaded. */
    public static AuditEvent refused(@Nullable UUID orgId, Subject load, Verdict.Refused bad) {
        AuditEvent event = behind(
                AuditEvent.of("package.load.failure", orgId)
                        .with(PACKAGE_PATH, load.packagePath())
                        .with(PACKAGE_HASH, bad.packageHash())
                        .with(FAILURE_REASON, bad.reason().code())
                        .with(ERROR, bad.error())
                        .with(SIGNER_FINGERPRINT, bad.signer()),
                load,
                null);
        return PackageEvents.called(event, bad);
    }

    /** It is loaded because it verifies. */
    public static AuditEvent verified(@Nullable UUID orgId, Subject load, Verdict.Verified good) {
        return verified(orgId, load, good.packageHash(), good);
    }

    /** {@code hash} is loaded because of what {@code good} is about. */
    private static AuditEvent verified(
            @Nullable UUID orgId, Subject load, @Nullable PackageHash hash, Verdict.Verified good) {
        return PackageEvents.signed(loaded(orgId, load, hash, good.signer(), good.signerName(), true), good);
    }

    /** It is loaded, and needs no signature. */
    public static AuditEvent unsigned(@Nullable UUID orgId, Subject load, @Nullable PackageHash hash) {
        return loaded(orgId, load, hash, null, null, false);
    }

    /**
     * It is loaded because of the package that covers it.
     *
     * @param cover null if that needs no signature, or in audit mode has none
     * @param path of that package
     */
    public static AuditEvent covered(
            @Nullable UUID orgId,
            Subject load,
            @Nullable PackageHash hash,
            Verdict.@Nullable Verified cover,
            String path) {
        AuditEvent event = cover == null ? unsigned(orgId, load, hash) : verified(orgId, load, hash, cover);
        return coveredBy(event, path);
    }

    /** It is loaded only because nothing is refused in audit mode. */
    public static AuditEvent unacceptable(@Nullable UUID orgId, Subject load, Verdict.Refused bad) {
        AuditEvent event = loaded(orgId, load, bad.packageHash(), bad.signer(), null, false)
                .with(FAILURE_REASON, bad.reason().code())
                .with(ERROR, bad.error());
        return PackageEvents.called(event, bad);
    }

    /** It is loaded unverified because the configuration exempts it. */
    public static AuditEvent exempt(@Nullable UUID orgId, Subject load) {
        return unsigned(orgId, load, null).with(FAILURE_REASON, "exempt");
    }

    /** A class is loaded whose bytes the host has woven, so that they are not those of its package. */
    public static AuditEvent woven(@Nullable UUID orgId, Subject load, @Nullable PackageHash packageHash) {
        return unsigned(orgId, load, packageHash).with(WOVEN, true);
    }

    /**
     * What was decided because of another package.
     *
     * @param path of the package that covers what is loaded
     */
    public static AuditEvent coveredBy(AuditEvent load, String path) {
        return load.with(COVERED_BY, path);
    }

    /** What was found besides and did not matter. */
    public static AuditEvent noting(AuditEvent load, List<String> notes) {
        return load.with(NOTES, String.join("; ", notes));
    }

    /** Takes the place of an event that not every sink has got. */
    public static AuditEvent superseding(AuditEvent load, UUID eventId) {
        return load.with(SUPERSEDES, eventId);
    }

    private static AuditEvent loaded(
            @Nullable UUID orgId,
            Subject load,
            @Nullable PackageHash hash,
            @Nullable Fingerprint signer,
            @Nullable String signerName,
            boolean verified) {
        return behind(
                AuditEvent.of("package.load.success", orgId)
                        .with(PACKAGE_PATH, load.packagePath())
                        .with(PACKAGE_HASH, hash)
                        .with(SIGNER_FINGERPRINT, signer)
                        .with(SIGNATURE_VERIFIED, verified),
                load,
                signerName);
    }

    private static AuditEvent behind(AuditEvent event, Subject load, @Nullable String signerName) {
        return event.with(KIND, load.kind())
                .with(HOOK, load.hook())
                .with(CLASS_LOADER, load.classLoader())
                .with(SIGNER_NAME, signerName);
    }
}
