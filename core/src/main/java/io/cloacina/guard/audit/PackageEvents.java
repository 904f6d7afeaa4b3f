// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.ERROR;
import static io.cloacina.guard.audit.FieldNames.EVIDENCE_DIGEST;
import static io.cloacina.guard.audit.FieldNames.EVIDENCE_IDENTITY;
import static io.cloacina.guard.audit.FieldNames.EVIDENCE_KIND;
import static io.cloacina.guard.audit.FieldNames.FAILURE_REASON;
import static io.cloacina.guard.audit.FieldNames.KEY_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.MINIMUM_VERSION;
import static io.cloacina.guard.audit.FieldNames.NOTES;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_HASH;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_NAME;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_PATH;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_VERSION;
import static io.cloacina.guard.audit.FieldNames.REASON;
import static io.cloacina.guard.audit.FieldNames.SIGNERS;
import static io.cloacina.guard.audit.FieldNames.SIGNER_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.SIGNER_NAME;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The events of packages that are taken in, signed, verified, withdrawn or given a floor. The order of the calls is the order of the
 * fields.
 */
public final class PackageEvents {

    private PackageEvents() {}

    /**
     * {@code package.signed}.
     *
     * @param orgId whose key it is; null when signing offline without an organisation
     * @param path null for a package in memory
     */
    public static AuditEvent signed(@Nullable UUID orgId, @Nullable Path path, PackageHash hash, Fingerprint key) {
        return AuditEvent.of("package.signed", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, hash)
                .with(KEY_FINGERPRINT, key);
    }

    /**
     * {@code package.signature.imported}: a signature that lay in a file is in the store now.
     *
     * @param orgId that has taken it in
     * @param path null if it is not known
     */
    public static AuditEvent imported(@Nullable UUID orgId, @Nullable Path path, PackageHash hash, Fingerprint key) {
        return AuditEvent.of("package.signature.imported", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, hash)
                .with(KEY_FINGERPRINT, key);
    }

    /**
     * {@code package.sign.failure}.
     *
     * @param orgId whose key it is; null when signing offline without an organisation
     * @param path null for a package in memory
     * @param hash null if the package was not read to its end
     * @param key null if there was none
     * @param error for a person
     */
    public static AuditEvent notSigned(
            @Nullable UUID orgId,
            @Nullable Path path,
            @Nullable PackageHash hash,
            @Nullable Fingerprint key,
            @Nullable String error) {
        return AuditEvent.of("package.sign.failure", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, hash)
                .with(KEY_FINGERPRINT, key)
                .with(ERROR, error);
    }

    /** Adds what signatures of version 2 say, and who else has signed. */
    static AuditEvent signed(AuditEvent event, Verdict.Verified good) {
        AuditEvent more = called(event, good.packageName(), good.packageVersion());
        if (good.signers().size() > 1) {
            List<Fingerprint> signers = new ArrayList<>();
            for (Verdict.Signer signer : good.signers()) {
                signers.add(signer.key());
            }
            more = more.with(SIGNERS, signers);
        }
        return more;
    }

    /** Adds what a signature of version 2 says of a package that does not count. */
    static AuditEvent called(AuditEvent event, Verdict.Refused bad) {
        return called(event, bad.packageName(), bad.packageVersion());
    }

    private static AuditEvent called(AuditEvent event, @Nullable String name, @Nullable String version) {
        return name == null
                ? event
                : event.with(PACKAGE_NAME, KeyText.shown(name)).with(PACKAGE_VERSION, KeyText.shown(version));
    }

    /**
     * {@code verification.success} or {@code verification.failure}.
     *
     * @param orgId whose trust was asked for; null when verifying offline without an organisation
     * @param path null for a package in memory
     */
    public static AuditEvent verified(@Nullable UUID orgId, @Nullable Path path, Verdict verdict) {
        if (verdict instanceof Verdict.Verified good) {
            AuditEvent event = AuditEvent.of("verification.success", orgId)
                    .with(PACKAGE_PATH, path)
                    .with(PACKAGE_HASH, good.packageHash())
                    .with(SIGNER_FINGERPRINT, good.signer())
                    .with(SIGNER_NAME, good.signerName());
            event = signed(event, good);
            return good.notes().isEmpty() ? event : event.with(NOTES, String.join("; ", good.notes()));
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        AuditEvent event = AuditEvent.of("verification.failure", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, bad.packageHash())
                .with(SIGNER_FINGERPRINT, bad.signer())
                .with(SIGNER_NAME, null)
                .with(FAILURE_REASON, bad.reason().code());
        return called(event, bad);
    }

    /**
     * {@code package.withdrawn}, of the organisation that withdraws; the nil UUID means every one.
     *
     * @param path null if the package was named by its hash
     */
    public static AuditEvent withdrawn(WithdrawnPackage row, @Nullable Path path) {
        return AuditEvent.of("package.withdrawn", row.orgId())
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, row.packageHash())
                .with(REASON, row.reason());
    }

    /**
     * {@code package.reinstated}, of the organisation that had withdrawn it.
     *
     * @param path null if the package was named by its hash
     */
    public static AuditEvent reinstated(WithdrawnPackage row, @Nullable Path path) {
        return AuditEvent.of("package.reinstated", row.orgId())
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, row.packageHash());
    }

    /**
     * {@code package.intake}: this vouches for a package that is about to be signed; one for each evidence.
     *
     * @param orgId whose key is to sign it; null when signing offline without an organisation
     * @param kind {@code pgp}, {@code jar-signer} or {@code sha256}
     * @param identity who vouches: a key, a certificate, or a name in a list
     * @param digest the SHA-256 of the file with the evidence; null if there is none
     */
    public static AuditEvent takenIn(
            @Nullable UUID orgId,
            @Nullable Path path,
            PackageHash hash,
            String kind,
            String identity,
            @Nullable String digest) {
        return AuditEvent.of("package.intake", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, hash)
                .with(EVIDENCE_KIND, kind)
                .with(EVIDENCE_IDENTITY, identity)
                .with(EVIDENCE_DIGEST, digest);
    }

    /**
     * {@code package.intake.refused}: what was named does not vouch for a package, which is not signed.
     *
     * @param orgId whose key should have signed it; null when signing offline without an organisation
     * @param reason as the command line has it
     * @param error for a person
     */
    public static AuditEvent notTakenIn(@Nullable UUID orgId, Path path, String reason, @Nullable String error) {
        return AuditEvent.of("package.intake.refused", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, null)
                .with(FAILURE_REASON, reason)
                .with(ERROR, error);
    }

    /** {@code package.floor.set}: no version of the package below this one counts. */
    public static AuditEvent floorSet(VersionFloor floor) {
        return floor("package.floor.set", floor);
    }

    /** {@code package.floor.removed}: every version counts again. */
    public static AuditEvent floorRemoved(VersionFloor floor) {
        return floor("package.floor.removed", floor);
    }

    private static AuditEvent floor(String type, VersionFloor floor) {
        return AuditEvent.of(type, floor.orgId())
                .with(PACKAGE_NAME, floor.packageName())
                .with(MINIMUM_VERSION, floor.minimumVersion());
    }
}
