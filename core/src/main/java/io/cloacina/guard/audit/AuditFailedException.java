// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.crypto.GuardException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An event could not be written to a sink. */
public final class AuditFailedException extends GuardException {

    private static final long serialVersionUID = 1L;

    private final @Nullable UUID partlyRecorded;

    AuditFailedException(String message, @Nullable UUID partlyRecorded) {
        super(message);
        this.partlyRecorded = partlyRecorded;
    }

    /** The {@code event_id} under which other sinks have got the event; null if none has. */
    public @Nullable UUID partlyRecorded() {
        return partlyRecorded;
    }
}
