// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The packages that were loaded because a signature was trusted: a loss of that trust is reported for each.
 *
 * <p>A package is one path with one content and one signer, however often it is loaded. At most {@value #MOST} are
 * remembered, then those that were loaded longest ago are forgotten. Whether a package is still in use is not known: it
 * is kept by name only, so that no class loader lives longer for it. Safe for use by many threads; nothing is called
 * under its lock.
 */
final class LoadedPackages {

    /** Some six megabytes, with paths of ordinary length. */
    static final int MOST = 10_000;

    /** One package; what is not final changes under the lock of the whole. */
    static final class Loaded {
        final String path;
        final PackageHash hash;
        final Fingerprint signer;
        final String kind;
        final @Nullable UUID trustedBy;
        final Instant first;
        volatile @Nullable String packageName;
        volatile Instant last;
        volatile long times;
        volatile @Nullable TrustLoss notified;

        Loaded(String path, PackageHash hash, Fingerprint signer, String kind, @Nullable UUID trustedBy, Instant now) {
            this.path = path;
            this.hash = hash;
            this.signer = signer;
            this.kind = kind;
            this.trustedBy = trustedBy;
            this.first = now;
            this.last = now;
        }
    }

    /** How trust in a signer went, or the package was withdrawn: in a word, by whom and when as far as the store tells, and in a sentence. */
    static final class TrustLoss {
        static final String KEY_REVOKED = "key_revoked";
        static final String GRANT_REVOKED = "grant_revoked";
        static final String TRUST_REMOVED = "trust_removed";
        static final String KEY_UNUSABLE = "key_unusable";
        static final String PACKAGE_WITHDRAWN = "package_withdrawn";
        static final String KEY_LIMITED = "key_limited";

        final String how;
        final @Nullable UUID by;
        final @Nullable Instant at;
        final String why;

        TrustLoss(String how, @Nullable UUID by, @Nullable Instant at, String why) {
            this.how = how;
            this.by = by;
            this.at = at;
            this.why = why;
        }

        /**
         * Whether this is another loss than {@code before}, with trust in between that was not seen: the same
         * organisation took back at another time what can be taken back once only. That a package is withdrawn is
         * another matter than trust in its signer.
         */
        boolean isAnotherThan(TrustLoss before) {
            boolean withdrawn = how.equals(PACKAGE_WITHDRAWN);
            if (withdrawn != before.how.equals(PACKAGE_WITHDRAWN)) {
                return true;
            }
            return how.equals(before.how) && by != null && by.equals(before.by) && at != null && !at.equals(before.at);
        }
    }

    private final int most;
    private final LinkedHashMap<String, Loaded> packages;
    private final Set<Fingerprint> unasked = new HashSet<>();
    private long forgotten;

    LoadedPackages() {
        this(MOST);
    }

    LoadedPackages(int most) {
        this.most = most;
        this.packages = new LinkedHashMap<>(16, 0.75f, true);
    }

    /**
     * @param trustedBy the organisation that trusts the signer directly; null if a configured key file does
     * @param packageName as a signature of version 2 has it; null if only those of version 1 count
     */
    synchronized void add(
            String path,
            PackageHash hash,
            Fingerprint signer,
            String kind,
            @Nullable UUID trustedBy,
            @Nullable String packageName,
            Instant now) {
        // Both are of fixed length, so no two packages have one key.
        String key = signer.hex() + hash.hex() + path;
        Loaded loaded = packages.get(key);
        if (loaded == null) {
            loaded = new Loaded(path, hash, signer, kind, trustedBy, now);
            packages.put(key, loaded);
            if (packages.size() > most) {
                packages.remove(packages.keySet().iterator().next());
                forgotten++;
            }
        }
        loaded.packageName = packageName;
        loaded.last = now;
        loaded.times++;
        // Trust may have gone while it was being loaded.
        unasked.add(signer);
    }

    /** Whether there are signers who were not asked about since a package of theirs was loaded. */
    synchronized boolean hasUnasked() {
        return !unasked.isEmpty();
    }

    /** All signers; they count as asked about from now on. */
    synchronized List<Fingerprint> signers() {
        unasked.clear();
        Set<Fingerprint> signers = new HashSet<>();
        for (Loaded loaded : packages.values()) {
            signers.add(loaded.signer);
        }
        return new ArrayList<>(signers);
    }

    /** Asking about {@code signer}, or the report, failed; it is tried again. */
    synchronized void askAgain(Fingerprint signer) {
        unasked.add(signer);
    }

    /** The packages of {@code signer}, those loaded longest ago first. */
    synchronized List<Loaded> of(Fingerprint signer) {
        List<Loaded> found = new ArrayList<>();
        for (Loaded loaded : packages.values()) {
            if (loaded.signer.equals(signer)) {
                found.add(loaded);
            }
        }
        return found;
    }

    /** All packages, those loaded longest ago first. */
    synchronized List<Loaded> all() {
        return new ArrayList<>(packages.values());
    }

    /** Whether the loss of trust in its signer must still be reported for {@code loaded}. */
    synchronized boolean mustBeNotified(Loaded loaded, TrustLoss loss) {
        return loaded.notified == null || loss.isAnotherThan(loaded.notified);
    }

    /** @param loss what was reported; null if the signer is trusted */
    synchronized void notified(Loaded loaded, @Nullable TrustLoss loss) {
        loaded.notified = loss;
    }

    synchronized int size() {
        return packages.size();
    }

    /** How many packages are no longer known because there were too many. */
    synchronized long forgotten() {
        return forgotten;
    }
}
