// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import io.cloacina.guard.sample.AllowedCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prints chosen fields of every event in a file, a line for an event, tabs between fields, UTF-8: {@code EventFields
 * FILE FIELD…}.
 *
 * <p>A field that is absent or null is {@code -}. Events quote names that an attacker may have chosen, so characters
 * that could move the cursor, turn the writing direction or pass for a tab or a line break appear as their JSON escape.
 */
public final class EventFields {

    private EventFields() {}

    @AllowedCall("a command-line program: its lines go to the standard streams, misuse to the exit status")
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: EventFields FILE FIELD...");
            System.exit(2);
        }
        List<String> fields = Arrays.asList(args).subList(1, args.length);
        try (BufferedReader events = Files.newBufferedReader(Path.of(args[0]))) {
            print(events, fields, new PrintStream(System.out, true, StandardCharsets.UTF_8));
        } catch (JsonException notAnEvent) {
            System.err.println(args[0] + ": " + notAnEvent.getMessage());
            System.exit(1);
        }
    }

    static void print(BufferedReader events, List<String> fields, PrintStream out) throws IOException {
        int number = 0;
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            number++;
            Map<?, ?> event = parse(line, number);
            out.print(fields.stream().map(field -> show(event.get(field))).collect(Collectors.joining("\t", "", "\n")));
        }
        out.flush();
    }

    private static Map<?, ?> parse(String line, int number) {
        try {
            if (Json.parse(line) instanceof Map<?, ?> event) {
                return event;
            }
        } catch (JsonException malformed) {
            throw new JsonException("line [" + number + "]: " + malformed.getMessage());
        }
        throw new JsonException("line [" + number + "]: not an object");
    }

    private static String show(Object value) {
        if (value == null) {
            return "-";
        }
        var shown = new StringBuilder();
        value.toString().codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> {
                    for (char unit : Character.toChars(point)) {
                        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                    }
                }
                default -> shown.appendCodePoint(point);
            }
        });
        return shown.toString();
    }
}
