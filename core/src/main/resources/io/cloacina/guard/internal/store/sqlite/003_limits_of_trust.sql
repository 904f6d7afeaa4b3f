-- What limits trust: withdrawn packages, limits on keys, the lowest versions that count; and signatures of version 2.
-- A unique constraint is also the index on its first column.

CREATE TABLE guard_withdrawn_packages (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    package_hash TEXT NOT NULL,
    reason TEXT,
    withdrawn_at TEXT NOT NULL,
    reinstated_at TEXT,
    UNIQUE (org_id, package_hash)
);

CREATE INDEX guard_withdrawn_packages_by_hash ON guard_withdrawn_packages (package_hash);

CREATE TABLE guard_key_limits (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    key_fingerprint TEXT NOT NULL,
    package_names TEXT,
    not_after TEXT,
    set_at TEXT NOT NULL,
    UNIQUE (org_id, key_fingerprint)
);

CREATE TABLE guard_statements (
    id BLOB PRIMARY KEY NOT NULL,
    package_hash TEXT NOT NULL,
    key_fingerprint TEXT NOT NULL,
    envelope BLOB NOT NULL,
    signed_at TEXT NOT NULL,
    org_id BLOB,
    UNIQUE (package_hash, key_fingerprint)
);

CREATE INDEX guard_statements_by_fingerprint ON guard_statements (key_fingerprint);

-- The name that each statement gives its package, for the floor of that name to be found by an index.
CREATE TABLE guard_statement_names (
    statement_id BLOB PRIMARY KEY NOT NULL,
    package_name TEXT NOT NULL
);

CREATE TABLE guard_version_floors (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    package_name TEXT NOT NULL,
    minimum_version TEXT NOT NULL,
    set_at TEXT NOT NULL,
    UNIQUE (org_id, package_name)
);
