// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Standard output, standard error, a named pipe or a device: a line is one write, and there is no chain. */
final class StreamSink implements AuditSink {

    private final String name;
    private final @Nullable Path file;
    private @Nullable OutputStream out;
    private boolean torn;

    /** @param out is not closed */
    StreamSink(String name, OutputStream out) {
        this.name = name;
        this.file = null;
        this.out = out;
    }

    /** @param file is opened by the first write, because opening a pipe that has no reader blocks */
    StreamSink(String name, Path file) {
        this.name = name;
        this.file = file;
    }

    @Override
    public void write(EncodedEvent event) throws IOException {
        if (out == null) {
            out = new FileOutputStream(Objects.requireNonNull(file).toFile(), true);
        }
        byte[] line = event.line();
        if (torn) {
            // A part of the line before may be there; it must not take this one with it.
            byte[] separated = new byte[line.length + 1];
            separated[0] = '\n';
            System.arraycopy(line, 0, separated, 1, line.length);
            line = separated;
        }
        torn = true;
        out.write(line);
        torn = false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() throws IOException {
        if (file != null && out != null) {
            out.close();
        }
    }
}
