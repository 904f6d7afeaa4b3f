// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Sees decisions as they are made, on the threads that load. Can change none of them, and must not throw.
 *
 * <p>What it gets to see is what the event stream says; it is no record.
 */
public interface DecisionObserver {

    /**
     * A decision begins. Some end without having begun, as they take no time.
     *
     * @param copy where the private copy is going to be; null if none is made
     * @param bytes what there is in memory; 0 if it is in a file, or was read before
     */
    void begins(Load load, @Nullable Path copy, long bytes);

    /**
     * A decision was made and recorded, or could not be recorded.
     *
     * @param event what was recorded
     */
    void decided(Load load, Outcome outcome, AuditEvent event);
}
