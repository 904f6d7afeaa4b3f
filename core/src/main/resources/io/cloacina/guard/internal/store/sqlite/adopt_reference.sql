-- A database of the reference is there already, and stays as it is. Only the list of our migrations is added.

CREATE TABLE guard_schema (
    version INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    applied_at TEXT NOT NULL
);
