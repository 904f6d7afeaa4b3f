// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Fields;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How events are written.
 *
 * @param timeout bound on every wait for a sink
 * @param fileSizeBytes a file sink is rotated before it grows beyond this; 0 for never
 * @param fileAge a file sink is rotated when its first event is older than this; null for never
 * @param files how many rotated files are kept beside the current one; 0 for all
 * @param labels that every event carries: names and values, in their order
 * @param user of the operating system who runs the process, as events of a command line name it; null in a host's JVM
 */
public record AuditSettings(
        Duration timeout,
        long fileSizeBytes,
        @Nullable Duration fileAge,
        int files,
        Map<String, String> labels,
        @Nullable String user) {

    /** Five seconds, 100 MiB a file, all of them kept. */
    public static final AuditSettings DEFAULT = new AuditSettings(Duration.ofSeconds(5), 100L << 20, null, 0);

    private static final int MOST_LABELS = 32;
    private static final int LONGEST_LABEL = 255;
    private static final long SMALLEST_FILE_BYTES = 64L << 10;

    public AuditSettings {
        Fields<String> copy = Fields.none();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            copy = copy.plus(label.getKey(), label.getValue());
        }
        labels = copy;
    }

    /** Without labels, in a host's JVM. */
    public AuditSettings(Duration timeout, long fileSizeBytes, @Nullable Duration fileAge, int files) {
        this(timeout, fileSizeBytes, fileAge, files, Fields.none(), null);
    }

    /** These, of a process that {@code name} runs. */
    public AuditSettings ofUser(String name) {
        return new AuditSettings(timeout, fileSizeBytes, fileAge, files, labels, name);
    }

    /**
     * Reads {@code name=value,...}: at most 32 names of letters, digits, {@code _}, {@code .} and {@code -}, with
     * values of at most 255 characters without control characters.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Map<String, String> labels(String text) {
        Fields<String> labels = Fields.none();
        for (String label : text.split(",", -1)) {
            int equals = label.indexOf('=');
            String name = equals < 0 ? "" : label.substring(0, equals).strip();
            String value = label.substring(equals + 1).strip();
            if (!isLabelName(name)) {
                throw new IllegalArgumentException(
                        "labels are name=value, comma-separated, with names of letters," + " digits, '_', '.' and '-'");
            }
            if (labels.containsKey(name)) {
                throw new IllegalArgumentException("the label [" + name + "] is there twice");
            }
            if (value.length() > LONGEST_LABEL || value.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(
                        "the label [" + name + "] is longer than 255 characters, or holds control characters");
            }
            labels = labels.plus(name, value);
        }
        if (labels.size() > MOST_LABELS) {
            throw new IllegalArgumentException("more than 32 labels");
        }
        return labels;
    }

    private static boolean isLabelName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= LONGEST_LABEL;
    }

    /** What a sink itself waits for: less than the caller of the sink waits, so that the caller learns the reason. */
    long sinkTimeoutNanos() {
        return timeout.toNanos() / 4 * 3;
    }

    /**
     * Reads a number of bytes: digits with {@code KB}, {@code MB} or {@code GB} (of 1024), or {@code off} for 0.
     *
     * @throws IllegalArgumentException if it is none, or is below 64 KB
     */
    public static long size(String text) {
        if (text.equals("off")) {
            return 0;
        }
        int shift = text.endsWith("KB") ? 10 : text.endsWith("MB") ? 20 : text.endsWith("GB") ? 30 : 0;
        long number = shift == 0 ? -1 : number(text.substring(0, text.length() - 2));
        if (number < 0) {
            throw new IllegalArgumentException("neither a number with KB, MB or GB, such as 100MB, nor off");
        }
        if (number << shift < SMALLEST_FILE_BYTES) {
            throw new IllegalArgumentException("a file has at least 64KB");
        }
        return number << shift;
    }

    /**
     * Reads an age: digits with {@code m}, {@code h} or {@code d}, or {@code off} for null.
     *
     * @throws IllegalArgumentException if it is none, or is zero
     */
    public static @Nullable Duration age(String text) {
        if (text.equals("off")) {
            return null;
        }
        long number = text.isEmpty() ? -1 : number(text.substring(0, text.length() - 1));
        char unit = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        if (number <= 0 || unit != 'm' && unit != 'h' && unit != 'd') {
            throw new IllegalArgumentException("neither a number with m, h or d, such as 24h, nor off");
        }
        return unit == 'm'
                ? Duration.ofMinutes(number)
                : unit == 'h' ? Duration.ofHours(number) : Duration.ofDays(number);
    }

    /**
     * Reads a number of files from 1 to 1,000,000, or {@code all} for 0.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static int files(String text) {
        long number = text.equals("all") ? 0 : number(text);
        if (number < 0 || number > 1_000_000 || number == 0 && !text.equals("all")) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "neither a number from 1 to %,d nor all", 1_000_000));
        }
        return (int) number;
    }

    /** At most nine digits; -1 for anything else. */
    private static long number(String text) {
        if (text.isEmpty() || text.length() > 9) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + c - '0';
        }
        return number;
    }
}
