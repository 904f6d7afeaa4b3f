package io.cloacina.guard.report;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** A package that was or would be refused, for one reason and one signer. What is not known is null. */
public final class Finding {

    private final String path;
    private final String reason;
    private final String signer;
    private final String org;
    private final boolean revoked;
    private final boolean cut;
    private final Map<String, Long> hosts = new TreeMap<>();
    private final Map<String, Boolean> openOn = new TreeMap<>();
    private String kind;
    private String hash;
    private String error;
    private long refused;
    private long wouldBeRefused;
    private boolean stillLoaded;
    private Instant first;
    private Instant last;

    Finding(String path, String reason, String signer, String org, boolean revoked, boolean cut) {
        this.path = path;
        this.reason = reason;
        this.signer = signer;
        this.org = org;
        this.revoked = revoked;
        this.cut = cut;
    }

    void add(Event event, Outcome outcome, String host, String says) {
        if (outcome == Outcome.REFUSED) {
            refused++;
        } else {
            wouldBeRefused++;
        }
        hosts.merge(host, 1L, Long::sum);
        seen(event, says);
    }

    /** It was loaded well, and ran when trust in its signer went. */
    void addRunning(Event event, String host, String says) {
        stillLoaded = true;
        hosts.putIfAbsent(host, 0L);
        seen(event, says);
    }

    private void seen(Event event, String says) {
        if (first == null || event.time().isBefore(first)) {
            first = event.time();
        }
        if (last == null || !event.time().isBefore(last)) {
            last = event.time();
            kind = event.field("kind");
            hash = event.field("package_hash");
            error = says;
        }
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

    /** Whether the path is longer than the record holds. */
    public boolean isPathCut() {
        return cut;
    }

    public String reason() {
        return reason;
    }

    /** Fingerprint of the key that signed it, or null. */
    public String signer() {
        return signer;
    }

    /** Whose trust was asked for, or null. */
    public String org() {
        return org;
    }

    /** Whether the signer was trusted once. */
    public boolean isSignerRevoked() {
        return revoked;
    }

    /** Such as {@code jar}, of the last such load; or null. */
    public String kind() {
        return kind;
    }

    /** Of the last such load; or null. */
    public String hash() {
        return hash;
    }

    /** What the guard said of the last such load; or null. */
    public String error() {
        return error;
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

    public Instant first() {
        return first;
    }

    public Instant last() {
        return last;
    }
}
