// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far the trust of one organisation in a key reaches.
 *
 * @param packageNames globs, of which one must match the signed name of a package; empty if the key may sign any, also
 *     packages whose signature names none
 * @param notAfter after this the key does not count; null if it counts for ever
 */
public record KeyLimit(List<String> packageNames, @Nullable Instant notAfter) {

    /** Any package, for ever. */
    public static final KeyLimit NONE = new KeyLimit(List.of(), null);

    public KeyLimit {
        packageNames = List.copyOf(packageNames);
    }

    /**
     * As a store keeps it.
     *
     * @param packageNames one a line; null for any. A text without a glob lets the key sign nothing
     * @param notAfter null for ever
     */
    public static KeyLimit ofLines(@Nullable String packageNames, @Nullable Instant notAfter) {
        if (packageNames == null) {
            return notAfter == null ? NONE : new KeyLimit(List.of(), notAfter);
        }
        List<String> globs = new ArrayList<>();
        for (String line : packageNames.split("\n", -1)) {
            String glob = line.strip();
            if (!glob.isEmpty()) {
                globs.add(glob);
            }
        }
        // A list of none would match any name; this glob matches none.
        return new KeyLimit(globs.isEmpty() ? List.of("") : globs, notAfter);
    }

    /** The globs as a store keeps them: one a line; null for any name. */
    public @Nullable String lines() {
        return packageNames.isEmpty() ? null : String.join("\n", packageNames);
    }

    /**
     * Whether a signature may count that names the package so.
     *
     * @param packageName null if it names none, as those of version 1
     */
    public boolean allows(@Nullable String packageName) {
        if (packageNames.isEmpty()) {
            return true;
        }
        for (String glob : packageNames) {
            if (packageName != null && NameGlob.matches(glob, packageName)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the key counted for the last time before {@code now}. */
    public boolean isOverAt(Instant now) {
        return notAfter != null && now.isAfter(notAfter);
    }

    public boolean isNone() {
        return packageNames.isEmpty() && notAfter == null;
    }
}
