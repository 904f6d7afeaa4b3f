-- The four tables that this program shares with the reference, and the list of our migrations.
-- Times are UTC in columns without a zone, so the default must not depend on the zone of the session.
-- A unique constraint is also the index on its first column.

CREATE TABLE signing_keys (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    key_name VARCHAR(255) NOT NULL,
    encrypted_private_key BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    key_fingerprint VARCHAR(64) NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    revoked_at TIMESTAMP,
    UNIQUE (org_id, key_name)
);

CREATE INDEX signing_keys_by_fingerprint ON signing_keys (key_fingerprint);

CREATE TABLE trusted_keys (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    key_fingerprint VARCHAR(64) NOT NULL,
    public_key BYTEA NOT NULL,
    key_name VARCHAR(255),
    trusted_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    revoked_at TIMESTAMP,
    UNIQUE (org_id, key_fingerprint)
);

CREATE INDEX trusted_keys_by_fingerprint ON trusted_keys (key_fingerprint);

CREATE TABLE key_trust_acls (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    parent_org_id UUID NOT NULL,
    child_org_id UUID NOT NULL,
    granted_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    revoked_at TIMESTAMP,
    UNIQUE (parent_org_id, child_org_id)
);

CREATE INDEX key_trust_acls_by_child ON key_trust_acls (child_org_id);

CREATE TABLE package_signatures (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    package_hash VARCHAR(64) NOT NULL,
    key_fingerprint VARCHAR(64) NOT NULL,
    signature BYTEA NOT NULL,
    signed_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    org_id UUID,
    UNIQUE (package_hash, key_fingerprint)
);

CREATE INDEX package_signatures_by_fingerprint ON package_signatures (key_fingerprint);
CREATE INDEX package_signatures_by_organisation ON package_signatures (org_id);

CREATE TABLE guard_schema (
    version INTEGER PRIMARY KEY,
    origin VARCHAR(16) NOT NULL,
    applied_at TIMESTAMP NOT NULL
);
