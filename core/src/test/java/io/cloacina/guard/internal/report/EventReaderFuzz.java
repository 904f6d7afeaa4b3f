// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** An audit log as reports read it: every line is an event or malformed, compressed or not. */
public final class EventReaderFuzz {

    private EventReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] log) throws IOException {
        List<String> plain = read(log);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(log);
        }
        boolean isCompressed = log.length > 1 && log[0] == 0x1f && log[1] == (byte) 0x8b;
        if (!isCompressed) {
            assertEquals(plain, read(compressed.toByteArray()));
            int lines = 1;
            for (byte b : log) {
                lines += b == '\n' ? 1 : 0;
            }
            assertTrue(plain.size() <= lines, "more events than lines");
        }
        Event first = new EventReader().first(new ByteArrayInputStream(log));
        assertTrue(first == null || plain.contains(first.toString()), "the first event is none of all");
    }

    private static List<String> read(byte[] log) throws IOException {
        List<String> all = new ArrayList<>();
        new EventReader().read(new ByteArrayInputStream(log), new EventReader.Lines() {
            @Override
            public void event(Event event) {
                all.add(event.toString());
            }

            @Override
            public void malformed(long number, String why) {
                all.add(number + ": " + why);
            }
        });
        return all;
    }
}
