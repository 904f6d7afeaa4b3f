-- The four tables that this program shares with the reference, and the list of our migrations.
-- Ids are blobs of 16 bytes and times are RFC 3339 text. A unique constraint is also the index on its first column.

CREATE TABLE signing_keys (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    key_name TEXT NOT NULL,
    encrypted_private_key BLOB NOT NULL,
    public_key BLOB NOT NULL,
    key_fingerprint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT,
    UNIQUE (org_id, key_name)
);

CREATE INDEX signing_keys_by_fingerprint ON signing_keys (key_fingerprint);

CREATE TABLE trusted_keys (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    key_fingerprint TEXT NOT NULL,
    public_key BLOB NOT NULL,
    key_name TEXT,
    trusted_at TEXT NOT NULL,
    revoked_at TEXT,
    UNIQUE (org_id, key_fingerprint)
);

CREATE INDEX trusted_keys_by_fingerprint ON trusted_keys (key_fingerprint);

CREATE TABLE key_trust_acls (
    id BLOB PRIMARY KEY NOT NULL,
    parent_org_id BLOB NOT NULL,
    child_org_id BLOB NOT NULL,
    granted_at TEXT NOT NULL,
    revoked_at TEXT,
    UNIQUE (parent_org_id, child_org_id)
);

CREATE INDEX key_trust_acls_by_child ON key_trust_acls (child_org_id);

CREATE TABLE package_signatures (
    id BLOB PRIMARY KEY NOT NULL,
    package_hash TEXT NOT NULL,
    key_fingerprint TEXT NOT NULL,
    signature BLOB NOT NULL,
    signed_at TEXT NOT NULL,
    org_id BLOB,
    UNIQUE (package_hash, key_fingerprint)
);

CREATE INDEX package_signatures_by_fingerprint ON package_signatures (key_fingerprint);
CREATE INDEX package_signatures_by_organisation ON package_signatures (org_id);

CREATE TABLE guard_schema (
    version INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    applied_at TEXT NOT NULL
);
