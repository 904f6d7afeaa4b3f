-- What limits trust: withdrawn packages, limits on keys, the lowest versions that count; and signatures of version 2.
-- A unique constraint is also the index on its first column.

CREATE TABLE guard_withdrawn_packages (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    package_hash VARCHAR(64) NOT NULL,
    reason VARCHAR(1000),
    withdrawn_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    reinstated_at TIMESTAMP,
    UNIQUE (org_id, package_hash)
);

CREATE INDEX guard_withdrawn_packages_by_hash ON guard_withdrawn_packages (package_hash);

CREATE TABLE guard_key_limits (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    key_fingerprint VARCHAR(64) NOT NULL,
    package_names TEXT,
    not_after TIMESTAMP,
    set_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    UNIQUE (org_id, key_fingerprint)
);

CREATE TABLE guard_statements (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    package_hash VARCHAR(64) NOT NULL,
    key_fingerprint VARCHAR(64) NOT NULL,
    envelope BYTEA NOT NULL,
    signed_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    org_id UUID,
    UNIQUE (package_hash, key_fingerprint)
);

CREATE INDEX guard_statements_by_fingerprint ON guard_statements (key_fingerprint);

-- The name that each statement gives its package, for the floor of that name to be found by an index.
CREATE TABLE guard_statement_names (
    statement_id UUID PRIMARY KEY,
    package_name VARCHAR(255) NOT NULL
);

CREATE TABLE guard_version_floors (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    package_name VARCHAR(255) NOT NULL,
    minimum_version VARCHAR(255) NOT NULL,
    set_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    UNIQUE (org_id, package_name)
);
