-- What has vouched for packages of other publishers before they were signed. Nothing that verifies packages reads it.
-- A unique constraint is also the index on its first columns.

CREATE TABLE guard_intake (
    id BLOB PRIMARY KEY NOT NULL,
    org_id BLOB NOT NULL,
    package_hash TEXT NOT NULL,
    evidence TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    UNIQUE (org_id, package_hash, evidence)
);

CREATE INDEX guard_intake_by_hash ON guard_intake (package_hash);
