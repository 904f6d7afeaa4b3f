-- What has vouched for packages of other publishers before they were signed. Nothing that verifies packages reads it.
-- A unique constraint is also the index on its first columns.

CREATE TABLE guard_intake (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id UUID NOT NULL,
    package_hash VARCHAR(64) NOT NULL,
    evidence TEXT NOT NULL,
    taken_at TIMESTAMP NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
    UNIQUE (org_id, package_hash, evidence)
);

CREATE INDEX guard_intake_by_hash ON guard_intake (package_hash);
