// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.Closeable;
import java.io.IOException;

/** Where encoded events go. Used by one thread at a time; may block, because only that thread waits for it. */
public interface AuditSink extends Closeable {

    /** Writes one event whole, or throws. */
    void write(EncodedEvent event) throws IOException;

    /**
     * How configuration names it: {@code stderr}, {@code stdout}, {@code file:PATH}, {@code syslog:…},
     * {@code logback:FILE}.
     */
    String name();
}
