// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.ERROR;
import static io.cloacina.guard.audit.FieldNames.KEYS;
import static io.cloacina.guard.audit.FieldNames.KEY_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.KEY_ID;
import static io.cloacina.guard.audit.FieldNames.KEY_NAME;
import static io.cloacina.guard.audit.FieldNames.PRIVATE;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.trust.SigningKey;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The events of signing keys. The order of the calls is the order of the fields. */
public final class KeyEvents {

    private KeyEvents() {}

    /** {@code key.signing.created}, also of a key that was imported. */
    public static AuditEvent created(SigningKey key) {
        return of("key.signing.created", key);
    }

    /**
     * {@code key.signing.create_failed}.
     *
     * @param name that the key was to have; one that is the text of a key is not repeated
     * @param error for a person
     */
    public static AuditEvent notCreated(UUID orgId, String name, @Nullable String error) {
        return AuditEvent.of("key.signing.create_failed", orgId)
                .with(KEY_ID, null)
                .with(KEY_FINGERPRINT, null)
                .with(KEY_NAME, KeyText.shown(name))
                .with(ERROR, error);
    }

    /** {@code key.signing.revoked}. */
    public static AuditEvent revoked(SigningKey key) {
        return of("key.signing.revoked", key);
    }

    /** {@code key.exported} of the public half. */
    public static AuditEvent publicKeyExported(SigningKey key) {
        return of("key.exported", key).with(PRIVATE, false);
    }

    /** {@code key.exported} of the private half. */
    public static AuditEvent privateKeyExported(SigningKey key) {
        return of("key.exported", key).with(PRIVATE, true);
    }

    /**
     * {@code key.resealed}, of no organisation: a store has one key encryption key for all.
     *
     * @param keys how many
     */
    public static AuditEvent resealed(int keys) {
        return AuditEvent.of("key.resealed", null).with(KEYS, keys);
    }

    private static AuditEvent of(String type, SigningKey key) {
        return AuditEvent.of(type, key.orgId())
                .with(KEY_ID, key.id())
                .with(KEY_FINGERPRINT, key.fingerprint())
                .with(KEY_NAME, key.name());
    }
}
