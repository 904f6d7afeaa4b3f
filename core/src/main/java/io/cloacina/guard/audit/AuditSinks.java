package io.cloacina.guard.audit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Opens sinks by the names that configuration uses: {@code stderr}, {@code stdout}, {@code file:PATH}. */
public final class AuditSinks {

    private static final String FILE = "file:";

    private AuditSinks() {}

    /**
     * Opens all of them, or none.
     *
     * @param names as {@link #requireName} lets pass
     * @throws IOException if a file cannot be opened for appending
     */
    public static List<AuditSink> open(List<String> names) throws IOException {
        List<AuditSink> sinks = new ArrayList<>();
        boolean done = false;
        try {
            for (String name : names) {
                sinks.add(open(name));
            }
            done = true;
            return sinks;
        } finally {
            if (!done) {
                for (AuditSink sink : sinks) {
                    sink.close();
                }
            }
        }
    }

    /**
     * @return {@code name}
     * @throws IllegalArgumentException if it is not the name of a sink
     */
    public static String requireName(String name) {
        boolean known = name.equals("stderr")
                || name.equals("stdout")
                || name.startsWith(FILE) && name.length() > FILE.length();
        if (!known) {
            throw new IllegalArgumentException("not stderr, stdout or file:PATH: [" + name + "]");
        }
        return name;
    }

    private static AuditSink open(String name) throws IOException {
        // The descriptors themselves: what an application does to System.out and System.err is not our business.
        return switch (requireName(name)) {
            case "stderr" -> new StreamSink(name, new FileOutputStream(FileDescriptor.err), false);
            case "stdout" -> new StreamSink(name, new FileOutputStream(FileDescriptor.out), false);
            default -> new StreamSink(name, openFile(Path.of(name.substring(FILE.length()))), true);
        };
    }

    /** Appends to the file, made with mode 0600 where the file system knows modes. */
    private static OutputStream openFile(Path file) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            try {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException e) {
                // It keeps the mode that its owner gave it.
                Objects.requireNonNull(e);
            }
        }
        return new FileOutputStream(file.toFile(), true);
    }

    /** Unbuffered: a line is one write, so that lines of several processes in one file do not mix. */
    private static final class StreamSink implements AuditSink {
        private final String name;
        private final OutputStream out;
        private final boolean owned;

        StreamSink(String name, OutputStream out, boolean owned) {
            this.name = name;
            this.out = out;
            this.owned = owned;
        }

        @Override
        public void write(byte[] line) throws IOException {
            out.write(line);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void close() throws IOException {
            if (owned) {
                out.close();
            }
        }
    }
}
