// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.internal.text.GivenFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What the texts of settings mean. Each throws an {@code IllegalArgumentException} that says what would be right. */
final class SettingValues {

    private SettingValues() {}

    static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    static UUID uuid(String text) {
        // UUID.fromString also takes shortened groups such as 1-1-1-1-1.
        if (text.length() != 36) {
            throw new IllegalArgumentException("not a UUID such as 123e4567-e89b-12d3-a456-426614174000");
        }
        return UUID.fromString(text);
    }

    static Path path(String text) {
        if (GivenFile.isKey(text)) {
            throw new IllegalArgumentException(GivenFile.KEY_GIVEN);
        }
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path: " + e.getReason(), e);
        }
    }

    static String glob(String text) {
        if (!text.startsWith("/") && !text.startsWith("*") && !text.matches("[A-Za-z]:.*")) {
            throw new IllegalArgumentException("a glob over absolute paths begins with / or *");
        }
        try {
            PathGlob.require(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not a glob: " + e.getDescription(), e);
        }
        return text;
    }

    /** As many as a store has threads at most. */
    static int connections(String text) {
        if (!text.matches("[1-8]")) {
            throw new IllegalArgumentException("not a number from 1 to 8");
        }
        return text.charAt(0) - '0';
    }

    static int signers(String text) {
        if (!text.matches("[1-9]")) {
            throw new IllegalArgumentException("not a number from 1 to 9");
        }
        return text.charAt(0) - '0';
    }

    static Duration durationOrNone(String text) {
        return text.equals("0") ? Duration.ZERO : duration(text);
    }

    static Duration duration(String text) {
        Matcher parts = Pattern.compile("([0-9]{1,9})(ms|s|m)").matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a number with ms, s or m, such as 500ms or 5s");
        }
        long number = Long.parseLong(parts.group(1));
        Duration duration = switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
        if (duration.isZero() || duration.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("a time-out is longer than 0 and at most 60m");
        }
        return duration;
    }

    static <E extends Enum<E>> E word(Class<E> type, String text) {
        StringBuilder words = new StringBuilder();
        for (E value : type.getEnumConstants()) {
            String word = value.name().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return value;
            }
            words.append(words.isEmpty() ? "" : ", ").append(word);
        }
        throw new IllegalArgumentException("not one of " + words);
    }
}
