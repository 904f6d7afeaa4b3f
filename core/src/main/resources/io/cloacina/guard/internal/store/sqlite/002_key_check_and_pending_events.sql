-- Which key encryption key the store's keys are sealed under, and events of changes that are not yet on record.

CREATE TABLE guard_key_check (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    check_value TEXT NOT NULL,
    set_at TEXT NOT NULL
);

CREATE TABLE guard_pending_events (
    id BLOB PRIMARY KEY NOT NULL,
    event TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    process_started_at TEXT,
    made_at TEXT NOT NULL
);
