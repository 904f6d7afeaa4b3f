package io.cloacina.guard.audit;

import java.io.Closeable;
import java.io.IOException;

/** Where encoded events go. Safe for use by many threads. */
public interface AuditSink extends Closeable {

    /**
     * Writes one line whole, or throws.
     *
     * @param line UTF-8, with its line feed
     */
    void write(byte[] line) throws IOException;

    /** How configuration names it: {@code stderr}, {@code stdout}, {@code file:PATH}. */
    String name();
}
