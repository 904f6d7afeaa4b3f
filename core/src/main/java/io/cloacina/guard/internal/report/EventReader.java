// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.text.Rfc3339;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads events line by line, gzip too. Memory does not grow with the input: of a line, at most {@value #LONGEST_LINE}
 * bytes are kept. Not safe for use by several threads.
 */
public final class EventReader {

    /** In bytes. The guard's own lines are far shorter. */
    static final int LONGEST_LINE = 1 << 20;

    private static final JsonFactory JSON = new JsonFactory();
    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");
    private static final String OWN_FORM = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    private static final int GZIP_MAGIC = 0x1f8b;

    private final byte[] chunk = new byte[1 << 16];
    private int at;
    private int limit;
    private byte[] line = new byte[4096];
    private int length;

    /** Receives each line; numbers count from 1. */
    interface Lines {
        void event(Event event);

        /** @param why in one phrase */
        void malformed(long number, String why);
    }

    /**
     * Reads to the end. An empty line is nothing. Compressed input that is torn gives its last whole line and one
     * malformed one.
     *
     * @param in is not closed
     * @throws IOException if it cannot be read
     */
    void read(InputStream in, Lines lines) throws IOException {
        long number = 0;
        try {
            InputStream plain = begin(in);
            boolean more = true;
            while (more) {
                more = next(plain);
                if (length > 0) {
                    number++;
                    take(number, more, lines);
                } else if (more) {
                    number++;
                }
            }
        } catch (EOFException | ZipException e) {
            lines.malformed(number + 1, "the compressed file is torn: " + e.getMessage());
        }
    }

    /** The first event that can be read of it; null if there is none in its first lines. */
    @Nullable
    Event first(InputStream in) throws IOException {
        Event[] first = new Event[1];
        Lines lines = new Lines() {
            @Override
            public void event(Event event) {
                first[0] = event;
            }

            @Override
            public void malformed(long number, String why) {
                // The error is reported when the file is read as a whole.
                first[0] = null;
            }
        };
        try {
            InputStream plain = begin(in);
            boolean more = true;
            for (int i = 1; more && i <= 100 && first[0] == null; i++) {
                more = next(plain);
                if (length > 0) {
                    take(i, more, lines);
                }
            }
            return first[0];
        } catch (EOFException | ZipException e) {
            return null;
        }
    }

    private InputStream begin(InputStream in) throws IOException {
        at = 0;
        limit = 0;
        return plain(in);
    }

    /** What is in it, if it is gzip; else as it is. */
    static InputStream plain(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in);
        buffered.mark(2);
        int magic = buffered.read() << 8 | buffered.read();
        buffered.reset();
        return magic == GZIP_MAGIC ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }

    /** Fills {@link #line}; of one that is too long, only its beginning. False at the end of the input. */
    private boolean next(InputStream in) throws IOException {
        length = 0;
        while (true) {
            int end = at;
            while (end < limit && chunk[end] != '\n') {
                end++;
            }
            keep(end - at);
            if (end < limit) {
                at = end + 1;
                return true;
            }
            at = 0;
            limit = Math.max(0, in.read(chunk));
            if (limit == 0) {
                return false;
            }
        }
    }

    private void keep(int more) {
        int fits = Math.min(more, LONGEST_LINE + 1 - length);
        if (length + fits > line.length) {
            line = Arrays.copyOf(line, Math.max(length + fits, Math.min(2 * line.length, LONGEST_LINE + 1)));
        }
        System.arraycopy(chunk, at, line, length, fits);
        length += fits;
    }

    private void take(long number, boolean ended, Lines lines) {
        if (length > LONGEST_LINE) {
            lines.malformed(number, "longer than 1 MiB");
            return;
        }
        if (length == 1 && line[0] == '\r') {
            return;
        }
        Event event;
        try {
            event = parse();
        } catch (JacksonException | DateTimeException e) {
            lines.malformed(number, ended ? "not a JSON object with a time" : "torn: it ends before its line does");
            return;
        }
        if (event == null) {
            lines.malformed(number, "not an event: no object with timestamp and event_type");
        } else {
            lines.event(event);
        }
    }

    /** Null if it is no event. */
    private @Nullable Event parse() {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line, 0, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Map<String, String> fields = new HashMap<>(32);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                switch (json.nextToken()) {
                    case VALUE_STRING, VALUE_NUMBER_INT, VALUE_TRUE, VALUE_FALSE -> fields.put(name, json.getString());
                    case START_OBJECT -> {
                        if (name.equals(Event.TRUNCATED)) {
                            fields.put(name, names(json));
                        } else {
                            json.skipChildren();
                        }
                    }
                    case START_ARRAY -> json.skipChildren();
                    default -> fields.remove(name);
                }
            }
            if (json.nextToken() != null) {
                return null;
            }
            String time = fields.get("timestamp");
            String type = fields.get("event_type");
            return time == null || type == null ? null : new Event(time(time), type, fields);
        }
    }

    private static String names(JsonParser json) {
        StringBuilder names = new StringBuilder(" ");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            names.append(json.currentName()).append(' ');
            json.nextToken();
            json.skipChildren();
        }
        return names.toString();
    }

    private static Instant instant(String text) {
        if (isOwn(text)) {
            try {
                return Rfc3339.parse(text);
            } catch (IllegalArgumentException e) {
                // Such as a leap second, which the JDK's parser takes.
                return Instant.parse(text);
            }
        }
        return Instant.parse(text);
    }

    /** Whether it is in the form in which the guard writes times; the JDK's parser takes ten times as long to read it. */
    private static boolean isOwn(String text) {
        if (text.length() != OWN_FORM.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char wanted = OWN_FORM.charAt(i);
            char c = text.charAt(i);
            if (wanted == 'd' ? c < '0' || c > '9' : c != wanted) {
                return false;
            }
        }
        return true;
    }

    // A chart from the beginning of time to its end would be of no use.
    private static Instant time(String text) {
        Instant time = instant(text);
        if (time.isBefore(EARLIEST) || !time.isBefore(LATEST)) {
            throw new DateTimeException("not a time of ours");
        }
        return time;
    }
}
