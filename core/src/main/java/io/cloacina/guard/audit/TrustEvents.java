// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.CHILD_ORG_ID;
import static io.cloacina.guard.audit.FieldNames.KEY_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.KEY_ID;
import static io.cloacina.guard.audit.FieldNames.KEY_NAME;
import static io.cloacina.guard.audit.FieldNames.NOT_AFTER;
import static io.cloacina.guard.audit.FieldNames.ORIGIN;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_NAMES;
import static io.cloacina.guard.audit.FieldNames.PARENT_ORG_ID;
import static io.cloacina.guard.audit.FieldNames.SCHEMA_VERSION;

import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import org.jspecify.annotations.Nullable;

/** The events of trust, and of the store that it is kept in. The order of the calls is the order of the fields. */
public final class TrustEvents {

    private TrustEvents() {}

    /** {@code key.trusted.added}. */
    public static AuditEvent added(TrustedKey key) {
        return of("key.trusted.added", key);
    }

    /** {@code key.trusted.revoked}. */
    public static AuditEvent revoked(TrustedKey key) {
        return of("key.trusted.revoked", key);
    }

    private static AuditEvent of(String type, TrustedKey key) {
        return AuditEvent.of(type, key.orgId())
                .with(KEY_ID, key.id())
                .with(KEY_FINGERPRINT, key.fingerprint())
                .with(KEY_NAME, key.name());
    }

    /**
     * {@code key.trusted.limited}: what the key may sign from now on, and until when; both null if it is not limited any
     * more.
     *
     * @param trusted the organisation's trust in the key; null if it has none
     */
    public static AuditEvent limited(LimitedKey limited, @Nullable TrustedKey trusted) {
        return AuditEvent.of("key.trusted.limited", limited.orgId())
                .with(KEY_ID, trusted == null ? null : trusted.id())
                .with(KEY_FINGERPRINT, limited.fingerprint())
                .with(KEY_NAME, trusted == null ? null : trusted.name())
                .with(PACKAGE_NAMES, limited.limit().lines())
                .with(NOT_AFTER, limited.limit().notAfter());
    }

    /** {@code key.trust_acl.granted}, of the organisation that trusts. */
    public static AuditEvent granted(TrustGrant grant) {
        return of("key.trust_acl.granted", grant);
    }

    /** {@code key.trust_acl.revoked}, of the organisation that trusted. */
    public static AuditEvent grantRevoked(TrustGrant grant) {
        return of("key.trust_acl.revoked", grant);
    }

    private static AuditEvent of(String type, TrustGrant grant) {
        return AuditEvent.of(type, grant.parentOrgId())
                .with(PARENT_ORG_ID, grant.parentOrgId())
                .with(CHILD_ORG_ID, grant.childOrgId());
    }

    /**
     * {@code store.initialised}, of no organisation.
     *
     * @param origin who made the shared tables: {@code guard} or {@code reference}
     */
    public static AuditEvent storeInitialised(String origin, int schemaVersion) {
        return AuditEvent.of("store.initialised", null).with(ORIGIN, origin).with(SCHEMA_VERSION, schemaVersion);
    }
}
