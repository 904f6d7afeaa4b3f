// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Packages that verified or were exempt, as far as findings must be compared with them; memory is bounded. */
final class SeenPackages {

    private static final int MOST = 20_000;
    private static final int MOST_CHARACTERS = 4_000_000;
    private static final int MOST_HASHES = 8;
    private static final int SHORTEST_NAME = 3;

    /** Packages that replace each other: the path and time of the first that verified, and the hashes of all. */
    private record Twins(String path, Instant first, Set<String> hashes) {}

    private final Map<String, Twins> twins = new HashMap<>();
    private final Set<String> paths = new HashSet<>();
    private final Set<String> signers = new HashSet<>();
    private int characters;
    private boolean full;

    void loaded(Event event, String path, Outcome outcome) {
        if (outcome == Outcome.COVERED) {
            return;
        }
        keep(path);
        String hash = event.field("package_hash");
        if (outcome == Outcome.EXEMPT || hash == null) {
            return;
        }
        if (event.field("signer_fingerprint") != null && signers.size() < MOST_HASHES) {
            signers.add(event.field("signer_fingerprint"));
        }
        String key = key(path, event.field("kind"));
        if (key == null || twins.size() >= MOST && !twins.containsKey(key)) {
            return;
        }
        Twins known = twins.computeIfAbsent(key, absent -> new Twins(path, event.time(), new HashSet<>()));
        if (known.hashes().size() < MOST_HASHES) {
            known.hashes().add(hash);
        }
    }

    private void keep(String path) {
        if (paths.contains(path)) {
            return;
        }
        if (paths.size() >= MOST || characters + path.length() > MOST_CHARACTERS) {
            full = true;
            return;
        }
        paths.add(path);
        characters += path.length();
    }

    /** Null for what has no name by which another one could be known again. Directories are named alike everywhere. */
    private static @Nullable String key(String path, @Nullable String kind) {
        if (kind == null || kind.equals("class")) {
            return null;
        }
        String name = kind.equals("directory") ? path : PackagePath.twinName(path);
        long letters = name.chars().filter(Character::isLetter).count();
        return letters < SHORTEST_NAME ? null : kind + " " + name;
    }

    /** The path of a package that has verified under the same name before, with other bytes only; or null. */
    @Nullable
    String signedTwin(Finding finding) {
        String key = key(finding.path(), finding.kind());
        Twins known = key == null ? null : twins.get(key);
        return known == null
                        || finding.hash() == null
                        || known.hashes().contains(finding.hash())
                        || known.hashes().size() >= MOST_HASHES
                        || known.first().isAfter(finding.last())
                ? null
                : known.path();
    }

    /** What verified or was exempt; not all of it if {@link #isFull()}. */
    Set<String> paths() {
        return Set.copyOf(paths);
    }

    boolean isFull() {
        return full;
    }

    /** How many keys have signed what verified; at most {@value #MOST_HASHES}. */
    int signers() {
        return signers.size();
    }
}
