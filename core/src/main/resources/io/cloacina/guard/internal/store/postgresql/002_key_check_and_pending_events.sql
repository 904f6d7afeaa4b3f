-- Which key encryption key the store's keys are sealed under, and events of changes that are not yet on record.

CREATE TABLE guard_key_check (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    check_value VARCHAR(64) NOT NULL,
    set_at TIMESTAMP NOT NULL
);

CREATE TABLE guard_pending_events (
    id UUID PRIMARY KEY,
    event TEXT NOT NULL,
    host VARCHAR(255) NOT NULL,
    pid BIGINT NOT NULL,
    process_started_at TIMESTAMP,
    made_at TIMESTAMP NOT NULL
);
