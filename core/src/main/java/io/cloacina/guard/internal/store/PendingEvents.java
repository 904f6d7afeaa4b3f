// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.PendingEvent;
import io.cloacina.guard.internal.trust.StoreChange;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table of events whose changes are made and which are not yet on record. */
final class PendingEvents {

    private static final String ADD = """
            INSERT INTO guard_pending_events (id, event, host, pid, process_started_at, made_at)
            VALUES (:id, :event, :host, :pid, :started, :at)
            """;
    private static final String ALL = "SELECT * FROM guard_pending_events";
    private static final String REMOVE = "DELETE FROM guard_pending_events WHERE id = :id";

    private final Handle handle;
    private final Codecs codecs;
    private final boolean there;
    private final StoreChange.@Nullable Notes notes;

    /**
     * @param there whether the store has the table
     * @param notes null if no events are made of changes
     */
    PendingEvents(Handle handle, Codecs codecs, boolean there, StoreChange.@Nullable Notes notes) {
        this.handle = handle;
        this.codecs = codecs;
        this.there = there;
        this.notes = notes;
    }

    /** Keeps the event of a change of this transaction; without the table, only has it made. */
    void note(StoreChange change) {
        if (notes == null) {
            return;
        }
        PendingEvent event = notes.note(change);
        if (there) {
            handle.createUpdate(ADD)
                    .bind("id", event.id())
                    .bind("event", event.text())
                    .bind("host", event.host())
                    .bind("pid", event.pid())
                    .bindByType("started", event.processStartedAt(), Instant.class)
                    .bind("at", event.madeAt())
                    .execute();
        }
    }

    List<PendingEvent> all() {
        if (!there) {
            return List.of();
        }
        return handle.createQuery(ALL)
                .map((row, context) -> new PendingEvent(
                        codecs.uuid(row, "id"),
                        row.getString("event"),
                        row.getString("host"),
                        row.getLong("pid"),
                        codecs.instantOrNull(row, "process_started_at"),
                        codecs.instant(row, "made_at")))
                .list();
    }

    /** @return how many of them were there */
    int remove(Collection<UUID> ids) {
        int removed = 0;
        if (there) {
            for (UUID id : ids) {
                removed += handle.createUpdate(REMOVE).bind("id", id).execute();
            }
        }
        return removed;
    }
}
