// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.Checkpoint;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.UUID;

/** The events of the command line. The order of the calls is the order of the fields. */
public final class Events {

    private static final String KEY_ID = "key_id";
    private static final String KEY_FINGERPRINT = "key_fingerprint";
    private static final String KEY_NAME = "key_name";
    private static final String ERROR = "error";

    private Events() {}

    static AuditEvent signingKeyCreated(SigningKey key) {
        return signingKey("key.signing.created", key);
    }

    static AuditEvent signingKeyNotCreated(UUID orgId, String name, String error) {
        return AuditEvent.of("key.signing.create_failed", orgId)
                .with(KEY_ID, null)
                .with(KEY_FINGERPRINT, null)
                .with(KEY_NAME, KeyText.shown(name))
                .with(ERROR, error);
    }

    static AuditEvent signingKeyRevoked(SigningKey key) {
        return signingKey("key.signing.revoked", key);
    }

    static AuditEvent keysResealed(int keys) {
        return AuditEvent.of("key.resealed", null).with("keys", keys);
    }

    /** @param origin who made the shared tables: {@code guard} or {@code reference} */
    static AuditEvent storeInitialised(String origin, int schemaVersion) {
        return AuditEvent.of("store.initialised", null).with("origin", origin).with("schema_version", schemaVersion);
    }

    static AuditEvent keyExported(SigningKey key, boolean privateHalf) {
        return signingKey("key.exported", key).with("private", privateHalf);
    }

    private static AuditEvent signingKey(String type, SigningKey key) {
        return AuditEvent.of(type, key.orgId())
                .with(KEY_ID, key.id())
                .with(KEY_FINGERPRINT, key.fingerprint())
                .with(KEY_NAME, key.name());
    }

    static AuditEvent trustAdded(TrustedKey key) {
        return trustedKey("key.trusted.added", key);
    }

    static AuditEvent trustRevoked(TrustedKey key) {
        return trustedKey("key.trusted.revoked", key);
    }

    private static AuditEvent trustedKey(String type, TrustedKey key) {
        return AuditEvent.of(type, key.orgId())
                .with(KEY_ID, key.id())
                .with(KEY_FINGERPRINT, key.fingerprint())
                .with(KEY_NAME, key.name());
    }

    static AuditEvent granted(TrustGrant grant) {
        return grant("key.trust_acl.granted", grant);
    }

    static AuditEvent grantRevoked(TrustGrant grant) {
        return grant("key.trust_acl.revoked", grant);
    }

    private static AuditEvent grant(String type, TrustGrant grant) {
        return AuditEvent.of(type, grant.parentOrgId())
                .with("parent_org_id", grant.parentOrgId())
                .with("child_org_id", grant.childOrgId());
    }

    /** @param orgId whose key it is; null when signing offline without an organisation */
    static AuditEvent signed(UUID orgId, Path path, PackageHash hash, Fingerprint key) {
        return AuditEvent.of("package.signed", orgId)
                .with("package_path", path)
                .with("package_hash", hash)
                .with(KEY_FINGERPRINT, key);
    }

    /**
     * @param hash null if the package was not read to its end
     * @param key null if there was none
     */
    static AuditEvent notSigned(UUID orgId, Path path, PackageHash hash, Fingerprint key, String error) {
        return AuditEvent.of("package.sign.failure", orgId)
                .with("package_path", path)
                .with("package_hash", hash)
                .with(KEY_FINGERPRINT, key)
                .with(ERROR, error);
    }

    /** @param orgId whose key it is; null when signing offline without an organisation */
    public static AuditEvent checkpointSigned(UUID orgId, Path record, Checkpoint checkpoint) {
        return AuditEvent.of("audit.checkpoint.signed", orgId)
                .with("record", record)
                .with("checkpoint_sequence", checkpoint.sequence())
                .with("line_hash", checkpoint.lineHash())
                .with(KEY_FINGERPRINT, checkpoint.key());
    }

    /** @param orgId whose trust was asked for; null when verifying offline without an organisation */
    static AuditEvent verification(UUID orgId, Path path, Verdict verdict) {
        if (verdict instanceof Verdict.Verified good) {
            AuditEvent event = AuditEvent.of("verification.success", orgId)
                    .with("package_path", path)
                    .with("package_hash", good.packageHash())
                    .with("signer_fingerprint", good.signer())
                    .with("signer_name", good.signerName());
            return good.notes().isEmpty() ? event : event.with("notes", String.join("; ", good.notes()));
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        return AuditEvent.of("verification.failure", orgId)
                .with("package_path", path)
                .with("package_hash", bad.packageHash())
                .with("signer_fingerprint", bad.signer())
                .with("signer_name", null)
                .with("failure_reason", bad.reason().code());
    }
}
