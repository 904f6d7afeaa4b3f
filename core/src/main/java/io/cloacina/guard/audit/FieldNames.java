// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

/** The names of the fields of events. */
final class FieldNames {

    static final String PACKAGE_PATH = "package_path";
    static final String PACKAGE_HASH = "package_hash";
    static final String SIGNER_FINGERPRINT = "signer_fingerprint";
    static final String SIGNER_NAME = "signer_name";
    static final String SIGNATURE_VERIFIED = "signature_verified";
    static final String FAILURE_REASON = "failure_reason";
    static final String ERROR = "error";
    static final String NOTES = "notes";
    static final String PACKAGE_NAME = "package_name";
    static final String PACKAGE_VERSION = "package_version";
    static final String SIGNERS = "signers";
    static final String COVERED_BY = "covered_by";
    static final String WOVEN = "woven";
    static final String SUPERSEDES = "supersedes";
    static final String KIND = "kind";
    static final String HOOK = "hook";
    static final String CLASS_LOADER = "class_loader";

    static final String KEY_ID = "key_id";
    static final String KEY_FINGERPRINT = "key_fingerprint";
    static final String KEY_NAME = "key_name";
    static final String PRIVATE = "private";
    static final String KEYS = "keys";
    static final String PARENT_ORG_ID = "parent_org_id";
    static final String CHILD_ORG_ID = "child_org_id";
    static final String REASON = "reason";
    static final String EVIDENCE_KIND = "evidence_kind";
    static final String EVIDENCE_IDENTITY = "evidence_identity";
    static final String EVIDENCE_DIGEST = "evidence_digest";
    static final String MINIMUM_VERSION = "minimum_version";
    static final String PACKAGE_NAMES = "package_names";
    static final String NOT_AFTER = "not_after";

    static final String ORIGIN = "origin";
    static final String SCHEMA_VERSION = "schema_version";
    static final String RECORD = "record";
    static final String CHECKPOINT_SEQUENCE = "checkpoint_sequence";
    static final String LINE_HASH = "line_hash";
    static final String RECOVERED = "recovered";
    static final String CHANGED_AT = "changed_at";

    static final String MODE = "mode";
    static final String CONFIGURATION_DIGEST = "configuration_digest";
    static final String GUARD_VERSION = "guard_version";
    static final String GUARD_COMMIT = "guard_commit";
    static final String HOOKS = "hooks";
    static final String LOADED_AT = "loaded_at";
    static final String LAST_LOADED_AT = "last_loaded_at";
    static final String LOADS = "loads";
    static final String REVOKED_BY = "revoked_by";
    static final String REVOKED_AT = "revoked_at";

    static final String WHAT = "what";
    static final String WHY = "why";
    static final String STATE = "state";
    static final String MISSED_EVENTS = "missed_events";
    static final String LATE_EVENT_ID = "late_event_id";

    private FieldNames() {}
}
