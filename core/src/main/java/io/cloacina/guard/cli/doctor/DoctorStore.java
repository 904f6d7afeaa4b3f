// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreStatus;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What {@code doctor} finds in the trust store, and by its times about the clock. */
final class DoctorStore {

    private static final String STORE = "store";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** When this program was made, no clock can have been right that says earlier. */
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

    /** Larger than any wait for an answer may make it look. */
    private static final Duration LARGEST_SKEW = Duration.ofSeconds(5);

    private final Cli cli;
    private final List<Finding> findings;
    private Instant newest = MADE;
    private String newestIs = "the making of this program";

    /** @param findings is added to */
    DoctorStore(Cli cli, List<Finding> findings) {
        this.cli = cli;
        this.findings = findings;
    }

    /** As the command line would use it: with what changes keys, and the key encryption key. */
    void examine(Optional<UUID> org) {
        StoreUrl url;
        try {
            url = cli.storeUrl();
        } catch (CliException e) {
            findings.add(Finding.mend(STORE, e.getMessage(), "give an address of one of these forms"));
            examineKek(Optional.empty(), null);
            return;
        }
        try (JdbiStore store = open(url, TIMEOUT)) {
            boolean mayManage = examineStore(store, org);
            examineKek(mayManage ? org : Optional.empty(), store);
        } catch (StoreUnavailableException e) {
            findings.add(Finding.mend(
                    STORE,
                    e.getMessage(),
                    "cloacina store init makes one that is missing; else see to it that the database can be reached"));
            examineKek(Optional.empty(), null);
        }
    }

    /** As an agent would use that of {@code address}, which changes nothing and unseals nothing. */
    void examine(String address, GuardConfig config) {
        try (JdbiStore store = open(StoreUrl.parse(address), config.storeTimeout())) {
            examineStore(store, Optional.ofNullable(config.orgId()));
        } catch (StoreUnavailableException | IllegalArgumentException e) {
            findings.add(Finding.mend(
                    STORE,
                    "an agent could not ask it: " + e.getMessage(),
                    "put right cloacina.database_url, or see to it that the database can be reached"));
        }
    }

    private JdbiStore open(StoreUrl url, Duration timeout) {
        if (url.file().isPresent() && Files.exists(url.file().get())) {
            examinePermissions(STORE, url.file().get());
        }
        return JdbiStore.openForVerification(url, timeout);
    }

    private boolean examineStore(JdbiStore store, Optional<UUID> org) throws StoreUnavailableException {
        boolean mayManage = examineTables(store);
        examineServerTime(store);
        examineReplica(store);
        if (org.isPresent()) {
            examineTrust(store, org.get());
        }
        return mayManage;
    }

    private void examineReplica(JdbiStore store) throws StoreUnavailableException {
        Optional<Duration> lag = store.replicaLag();
        if (lag.isPresent()) {
            findings.add(Finding.note(
                    STORE,
                    "this server is a replica: a revocation holds here once it has been replayed; the last change that"
                            + " was is " + lag.get().toMillis() + " ms old"));
        }
    }

    /** Whether more than verifying is possible. */
    private boolean examineTables(JdbiStore store) throws StoreUnavailableException {
        StoreStatus status;
        try {
            status = store.status();
        } catch (StoreUnavailableException e) {
            // A role such as an agent's sees three of the four tables.
            if (store.url().dialect() == Dialect.SQLITE || !mayVerify(store)) {
                throw e;
            }
            findings.add(Finding.ok(
                    STORE,
                    store.url() + ": this role can verify and nothing else, as an agent's should; commands that"
                            + " change keys or trust need another"));
            return false;
        }
        findings.add(Finding.ok(
                STORE,
                status.address() + ", made by the " + status.origin() + ", schema " + status.schemaVersion()
                        + (status.schemaVersion() == 0 ? " (not adopted yet: cloacina store init)" : "")));
        return true;
    }

    private static boolean mayVerify(JdbiStore store) {
        try {
            store.ask(new TrustStore.Question(new UUID(0, 0), PackageHash.ofContent(new byte[0]), true, List.of()));
            return true;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    private void examineServerTime(JdbiStore store) throws StoreUnavailableException {
        Instant before = cli.environment().clock().instant();
        Optional<Instant> server = store.serverTime();
        if (server.isEmpty()) {
            return;
        }
        Instant after = cli.environment().clock().instant();
        Duration ahead = Duration.between(server.get(), before);
        Duration behind = Duration.between(after, server.get());
        boolean isAhead = ahead.compareTo(behind) > 0;
        Duration skew = isAhead ? ahead : behind;
        if (skew.compareTo(LARGEST_SKEW) > 0) {
            findings.add(Finding.mend(
                    "clock",
                    "it is " + skew.toMillis() + " ms " + (isAhead ? "ahead of" : "behind")
                            + " the database's: times of events and of revocations cannot be compared",
                    "have both follow the same time servers"));
        } else {
            findings.add(Finding.ok("clock", "it agrees with the database's"));
        }
    }

    private void examineTrust(JdbiStore store, UUID org) throws StoreUnavailableException {
        List<TrustEntry> entries = cli.trust(store).trustedKeys(org, true);
        long active = entries.stream().filter(TrustEntry::isActive).count();
        findings.add(
                active > 0
                        ? Finding.ok("trust", "keys that count for the organisation: " + active)
                        : Finding.note("trust", "the organisation trusts no key: nothing it is asked about verifies"));
        for (TrustEntry entry : entries) {
            if (entry.standing() == TrustEntry.Standing.UNUSABLE) {
                findings.add(Finding.mend(
                        "trust",
                        "trusted key [" + entry.key().id() + "] does not match its fingerprint and does not count",
                        "trust it anew from its PEM file"));
            }
            seen(entry.key().trustedAt(), "the trust in a key");
        }
    }

    private void examineKek(Optional<UUID> org, @Nullable JdbiStore store) {
        String file = cli.kekFile();
        if (file == null && cli.environment().variable(KekSource.VARIABLE) == null) {
            findings.add(Finding.note(
                    "kek", "no key encryption key is given; making keys and signing with stored ones need one"));
            return;
        }
        try (Kek kek = cli.kek()) {
            if (file != null) {
                examinePermissions("kek", cli.path(file));
            }
            if (org.isPresent() && store != null) {
                examineKeys(store, org.get(), kek);
            } else {
                findings.add(Finding.ok("kek", "it is well-formed"));
            }
        } catch (CliException | KeyException | StoreUnavailableException e) {
            findings.add(Finding.mend(
                    "kek", String.valueOf(e.getMessage()), "give the key that the store's keys are sealed under"));
        }
    }

    private void examineKeys(JdbiStore store, UUID org, Kek kek) throws KeyException, StoreUnavailableException {
        List<SigningKey> keys = cli.keys(store).signingKeys(org);
        int opens = 0;
        for (SigningKey key : keys) {
            seen(key.createdAt(), "the making of signing key " + key.fingerprint());
            if (key.publicOnly()) {
                continue;
            }
            try (Ed25519PrivateKey opened =
                    cli.keys(store).exportPrivateKey(org, key.id().toString(), kek)) {
                opens += opened == null ? 0 : 1;
            }
        }
        findings.add(Finding.ok("kek", "it opens the organisation's signing keys: " + opens));
    }

    private void examinePermissions(String check, Path file) {
        findings.addAll(Permissions.examine(check, file, check.equals("kek")));
    }

    private void seen(Instant time, String what) {
        if (time.isAfter(newest)) {
            newest = time;
            newestIs = what;
        }
    }

    void examineClock() {
        Instant now = cli.environment().clock().instant();
        findings.add(
                now.isBefore(newest)
                        ? Finding.mend(
                                "clock",
                                "it says " + Rfc3339.format(now) + ", which is before " + newestIs + " at "
                                        + Rfc3339.format(newest),
                                "set the clock (or that of the machine that wrote the store)")
                        : Finding.ok("clock", "it says " + Rfc3339.format(now)));
    }
}
