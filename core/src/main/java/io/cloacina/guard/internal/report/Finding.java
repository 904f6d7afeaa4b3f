// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A package that was or would be refused, for one reason and one signer. What is not known is null. */
public final class Finding {

    /** Of paths and hashes. For more than a few, that they are many is enough. */
    private static final int MOST_VARIANTS = 8;

    private final String reason;
    private final @Nullable String signer;
    private final @Nullable String org;
    private final boolean revoked;
    private final boolean cut;
    private final Map<String, Long> hosts = new TreeMap<>();
    private final Map<String, Boolean> openOn = new TreeMap<>();
    private final Set<String> paths = new TreeSet<>();
    private final Set<String> hashes = new TreeSet<>();
    private String path;
    private @Nullable String coveredBy;
    private @Nullable String changedFrom;
    private @Nullable String kind;
    private @Nullable String hash;
    private @Nullable String error;
    private @Nullable String name;
    private @Nullable String version;
    private long refused;
    private long wouldBeRefused;
    private boolean stillLoaded;
    private @Nullable Instant first;
    private @Nullable Instant last;

    Finding(String path, String reason, @Nullable String signer, @Nullable String org, boolean revoked, boolean cut) {
        setPath(path);
        this.reason = reason;
        this.signer = signer;
        this.org = org;
        this.revoked = revoked;
        this.cut = cut;
    }

    void add(Event event, Outcome outcome, String host, @Nullable String says) {
        if (outcome == Outcome.REFUSED) {
            refused++;
        } else {
            wouldBeRefused++;
        }
        hosts.merge(host, 1L, Long::sum);
        seen(event, says);
    }

    /** It was loaded well, and ran when trust in its signer went. */
    void addRunning(Event event, String host, @Nullable String says) {
        stillLoaded = true;
        hosts.putIfAbsent(host, 0L);
        seen(event, says);
    }

    private void seen(Event event, @Nullable String says) {
        if (first == null || event.time().isBefore(first)) {
            first = event.time();
        }
        if (last == null || !event.time().isBefore(last)) {
            last = event.time();
            kind = event.field("kind");
            hash = event.field("package_hash");
            coveredBy = event.field("covered_by");
            error = says;
            name = event.field("package_name");
            version = event.field("package_version");
        }
        if (event.field("package_hash") != null && hashes.size() < MOST_VARIANTS) {
            hashes.add(event.field("package_hash"));
        }
    }

    /** Of content whose path is another one after each start: where it was seen last. */
    void setPath(String newPath) {
        if (paths.size() < MOST_VARIANTS) {
            paths.add(newPath);
        }
        path = newPath;
    }

    void setChangedFrom(@Nullable String signedPath) {
        changedFrom = signedPath;
    }

    void setOpen(String host, boolean open) {
        openOn.put(host, open);
    }

    /** Whether the last load of the package still ended so, on one host at least. */
    public boolean isOpen() {
        return openOn.containsValue(true);
    }

    public String path() {
        return path;
    }

    /** Of content in temporary directories, where it was seen; at most {@value #MOST_VARIANTS}. */
    Set<String> paths() {
        return Collections.unmodifiableSet(paths);
    }

    /** What this path held; at most {@value #MOST_VARIANTS}. */
    Set<String> hashes() {
        return Collections.unmodifiableSet(hashes);
    }

    /** The archive that holds it too, byte for byte, so that a signature of that is enough; or null. */
    public @Nullable String coveredBy() {
        return coveredBy;
    }

    /** The path of a package of the same name that was verified before, with other bytes; or null. */
    public @Nullable String changedFrom() {
        return changedFrom;
    }

    /** Under which reason people must look at it: what is unsigned because it changed, has changed. */
    public String shownReason() {
        return changedFrom == null ? reason : "tampered_package";
    }

    /** Whether the path is longer than the audit log holds. */
    public boolean isPathCut() {
        return cut;
    }

    public String reason() {
        return reason;
    }

    /** Fingerprint of the key that signed it, or null. */
    public @Nullable String signer() {
        return signer;
    }

    /** Whose trust was asked for, or null. */
    public @Nullable String org() {
        return org;
    }

    /** Whether the signer was trusted once. */
    public boolean isSignerRevoked() {
        return revoked;
    }

    /** Such as {@code jar}, of the last such load; or null. */
    public @Nullable String kind() {
        return kind;
    }

    /** Of the last such load; or null. */
    public @Nullable String hash() {
        return hash;
    }

    /** What the guard said of the last such load; or null. */
    public @Nullable String error() {
        return error;
    }

    /** What a signature of version 2 by a trusted key calls the package, at the last such load; or null. */
    public @Nullable String name() {
        return name;
    }

    /** Likewise. */
    public @Nullable String version() {
        return version;
    }

    /** When the package may go on running, why its next load is refused; for people. */
    public String lostWhile() {
        return reason.equals(Remedy.WITHDRAWN)
                ? "and still running when it was withdrawn"
                : "and still running when trust went";
    }

    public long loads() {
        return refused + wouldBeRefused;
    }

    /** Whether it ran in some JVM when trust in its signer went. */
    public boolean isStillLoaded() {
        return stillLoaded;
    }

    public long refused() {
        return refused;
    }

    public long wouldBeRefused() {
        return wouldBeRefused;
    }

    /** Such loads by host. */
    public Map<String, Long> hosts() {
        return Collections.unmodifiableMap(hosts);
    }

    public @Nullable Instant first() {
        return first;
    }

    public @Nullable Instant last() {
        return last;
    }
}
