// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.nio.charset.StandardCharsets;

/**
 * Events as messages of RFC 5424:
 *
 * <pre>
 * &lt;PRI&gt;1 TIMESTAMP HOSTNAME cloacina-guard PID EVENT_TYPE - {"timestamp":…}
 * </pre>
 *
 * The facility is 10 (authpriv). The severity is that of the event: 4 (warning) for what was refused, would be or
 * failed, 3 (error) for {@code guard.degraded}, 5 (notice) for changes of keys and trust and for start and stop, else 6
 * (informational). The message is ASCII, so that no byte-order mark is needed (section 6.4).
 */
final class Syslog {

    private static final int FACILITY = 10;
    private static final int LONGEST_MSGID = 32;

    private final String middle;

    Syslog() {
        this.middle = " " + printable(ThisProcess.host(), 255) + " cloacina-guard " + ThisProcess.pid() + " ";
    }

    byte[] message(EncodedEvent event) {
        String timestamp = time(event);
        String head = "<" + (8 * FACILITY + event.severity()) + ">1 " + timestamp + middle
                + printable(event.type(), LONGEST_MSGID) + " - ";
        byte[] line = event.line();
        byte[] start = head.getBytes(StandardCharsets.US_ASCII);
        byte[] message = new byte[start.length + line.length - 1];
        System.arraycopy(start, 0, message, 0, start.length);
        System.arraycopy(line, 0, message, start.length, line.length - 1);
        return message;
    }

    /** As the event itself has it, right behind <code>{"timestamp":"</code>. */
    private static String time(EncodedEvent event) {
        int from = "{\"timestamp\":\"".length();
        int to = from;
        while (event.line()[to] != '"') {
            to++;
        }
        return new String(event.line(), from, to - from, StandardCharsets.US_ASCII);
    }

    /** PRINTUSASCII of RFC 5424, section 6; a hyphen where there is none. */
    private static String printable(String text, int longest) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && shown.length() < longest; i++) {
            char c = text.charAt(i);
            shown.append(c > ' ' && c < 0x7f ? c : '?');
        }
        return shown.length() == 0 ? "-" : shown.toString();
    }
}
