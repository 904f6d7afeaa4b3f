package io.cloacina.guard.cli;

import io.cloacina.guard.ConfigException;
import io.cloacina.guard.GuardConfig;
import io.cloacina.guard.audit.JsonLine;
import io.cloacina.guard.audit.Printable;
import io.cloacina.guard.cli.DoctorCheck.Finding;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.sign.KekSource;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.store.Dialect;
import io.cloacina.guard.store.JdbiStore;
import io.cloacina.guard.store.StoreStatus;
import io.cloacina.guard.store.StoreUrl;
import io.cloacina.guard.trust.Rfc3339;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        description = "Check configuration, store, keys, clock and JVM, and say what to mend.",
        footer = {
            "",
            "Changes nothing. The exit status is 1 if there is something to mend.",
            "",
            "Examples:",
            "  cloacina doctor --store sqlite:///var/lib/app/trust.db --kek-file kek"
        })
final class DoctorCommand implements Callable<Integer> {

    /** When this program was made, no clock can have been right that says earlier. */
    private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

    /** Larger than any wait for an answer may make it look. */
    private static final Duration LARGEST_SKEW = Duration.ofSeconds(5);

    private static final Runtime.Version OLDEST_JAVA = Runtime.Version.parse("17");

    private final Cli cli;
    private final List<Finding> findings = new ArrayList<>();
    private Instant newest = MADE;
    private String newestIs = "the making of this program";

    DoctorCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        examineJvm();
        examineConfiguration();
        Optional<UUID> org = examineOrganisation();
        examineEvents();
        examineStore(org);
        examineClock();
        examineOthers();
        boolean healthy = true;
        for (Finding finding : findings) {
            healthy &= finding.state() != DoctorCheck.State.MEND;
            print(finding);
        }
        return healthy ? ExitStatus.DONE : ExitStatus.REFUSED;
    }

    private void print(Finding finding) {
        String state = finding.state().name().toLowerCase(Locale.ROOT);
        cli.result(
                new JsonLine()
                        .with("check", finding.check())
                        .with("state", state)
                        .with("message", finding.message())
                        .with("remedy", finding.remedy()),
                String.format(Locale.ROOT, "%-4s  %-14s  ", state, finding.check())
                        + Printable.of(finding.message()
                                + (finding.remedy() == null ? "" : "; to mend it: " + finding.remedy())));
    }

    // ---------------------------------------------------------------------------------------------------- JVM

    private void examineJvm() {
        Runtime.Version java = Runtime.version();
        findings.add(
                java.compareTo(OLDEST_JAVA) >= 0
                        ? Finding.ok("java", "Java " + java)
                        : Finding.mend("java", "this is Java " + java, "run it on Java 17 or later"));
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!encoding.equalsIgnoreCase("UTF-8")) {
            findings.add(Finding.note(
                    "locale",
                    "file names are read as " + encoding + ": packages with other characters in their names cannot be"
                            + " named on the command line; LC_ALL=C.UTF-8 would let them"));
        }
    }

    private void examineConfiguration() {
        try {
            GuardConfig config =
                    GuardConfig.read(properties(), cli.environment().variables());
            findings.add(Finding.ok(
                    "configuration",
                    "an agent with these settings would be in " + config.mode() + " mode"
                            + (config.requireSignatures() ? "" : ": it would refuse nothing")));
            findings.addAll(new AgentSettings(config, properties()).examine());
        } catch (ConfigException e) {
            findings.add(Finding.mend(
                    "configuration",
                    "an agent would not start with these settings: " + e.getMessage(),
                    "set it right"));
        }
    }

    private static Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            properties.put(name, System.getProperty(name));
        }
        return properties;
    }

    private Optional<UUID> examineOrganisation() {
        try {
            Optional<UUID> org = cli.orgIfAny();
            findings.add(
                    org.isPresent()
                            ? Finding.ok("organisation", org.get().toString())
                            : Finding.note(
                                    "organisation", "none is given; most commands need --org or CLOACINA_ORG_ID"));
            return org;
        } catch (CliException e) {
            findings.add(Finding.mend("organisation", e.getMessage(), "give a UUID"));
            return Optional.empty();
        }
    }

    private void examineEvents() {
        try {
            for (String sink : cli.auditSinks()) {
                if (sink.startsWith("file:")) {
                    examineEventFile(Path.of(sink.substring("file:".length())).toAbsolutePath());
                } else {
                    findings.add(Finding.ok("events", "they go to " + sink));
                }
            }
        } catch (CliException e) {
            findings.add(Finding.mend("events", e.getMessage(), "name stderr, stdout or file:PATH"));
        }
    }

    private void examineEventFile(Path file) {
        Path folder = file.getParent();
        if (Files.isRegularFile(file) ? Files.isWritable(file) : !Files.exists(file) && canMake(folder)) {
            findings.add(Finding.ok("events", "they go to [" + file + "]"));
            findings.addAll(Permissions.examine("events", file, false));
        } else {
            findings.add(Finding.mend(
                    "events",
                    "they cannot be written to [" + file + "]",
                    "make it writable, or name another file with --audit"));
        }
    }

    // The command line itself makes only the folder of its own under the user's.
    private boolean canMake(Path folder) {
        Path own = cli.environment().home().resolve(".cloacina");
        Path needed = !Files.exists(folder) && folder.equals(own) ? own.getParent() : folder;
        return Files.isDirectory(needed) && Files.isWritable(needed);
    }

    // -------------------------------------------------------------------------------------------------- store

    private void examineStore(Optional<UUID> org) {
        StoreUrl url;
        try {
            url = cli.storeUrl();
        } catch (CliException e) {
            findings.add(Finding.mend("store", e.getMessage(), "give an address of one of these forms"));
            examineKek(Optional.empty(), null);
            return;
        }
        if (url.file().isPresent() && Files.exists(url.file().get())) {
            examinePermissions("store", url.file().get());
        }
        try (JdbiStore store = cli.storeForVerification()) {
            boolean mayManage = examineTables(store);
            examineServerTime(store);
            if (org.isPresent()) {
                examineTrust(store, org.get());
            }
            examineKek(mayManage ? org : Optional.empty(), store);
        } catch (StoreUnavailableException e) {
            findings.add(Finding.mend(
                    "store",
                    e.getMessage(),
                    "cloacina store init makes one that is missing; else see to it that the database can be reached"));
            examineKek(Optional.empty(), null);
        } catch (CliException e) {
            findings.add(Finding.mend("store", e.getMessage(), "give a store with --store"));
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
                    "store",
                    store.url() + ": this role can verify and nothing else, as an agent's should; commands that"
                            + " change keys or trust need another"));
            return false;
        }
        findings.add(Finding.ok(
                "store",
                status.address() + ", made by the " + status.origin() + ", schema " + status.schemaVersion()
                        + (status.schemaVersion() == 0 ? " (not adopted yet: cloacina store init)" : "")));
        return true;
    }

    private static boolean mayVerify(JdbiStore store) {
        try {
            store.ask(new TrustStore.Question(
                    new UUID(0, 0), PackageHash.ofContent(new byte[0]), true, Optional.empty()));
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
        Duration skew = ahead.compareTo(behind) > 0 ? ahead : behind;
        if (skew.compareTo(LARGEST_SKEW) > 0) {
            findings.add(Finding.mend(
                    "clock",
                    "it is " + skew.toMillis() + " ms " + (skew == ahead ? "ahead of" : "behind")
                            + " the database's: times of events and of revocations cannot be compared",
                    "have both follow the same time servers"));
        } else {
            findings.add(Finding.ok("clock", "it agrees with the database's"));
        }
    }

    private void examineTrust(JdbiStore store, UUID org) throws StoreUnavailableException {
        List<TrustEntry> entries = cli.keys(store).trustedKeys(org, true);
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

    private void examineKek(Optional<UUID> org, JdbiStore store) {
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
            if (org.isPresent()) {
                examineKeys(store, org.get(), kek);
            } else {
                findings.add(Finding.ok("kek", "it is well-formed"));
            }
        } catch (CliException | KeyException | StoreUnavailableException e) {
            findings.add(Finding.mend("kek", e.getMessage(), "give the key that the store's keys are sealed under"));
        }
    }

    private void examineKeys(JdbiStore store, UUID org, Kek kek) throws KeyException, StoreUnavailableException {
        List<SigningKey> keys = cli.keys(store).signingKeys(org);
        for (SigningKey key : keys) {
            try (Ed25519PrivateKey opened =
                    cli.keys(store).exportPrivateKey(org, key.id().toString(), kek)) {
                seen(
                        key.createdAt(),
                        "the making of signing key " + opened.publicKey().fingerprint());
            }
        }
        findings.add(Finding.ok("kek", "it opens the organisation's signing keys: " + keys.size()));
    }

    private void examinePermissions(String check, Path file) {
        findings.addAll(Permissions.examine(check, file, check.equals("kek")));
    }

    // -------------------------------------------------------------------------------------------------- clock

    private void seen(Instant time, String what) {
        if (time.isAfter(newest)) {
            newest = time;
            newestIs = what;
        }
    }

    private void examineClock() {
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

    // ----------------------------------------------------------------------------------------- other modules

    private void examineOthers() {
        for (DoctorCheck check : ServiceLoader.load(DoctorCheck.class, DoctorCheck.class.getClassLoader())) {
            findings.addAll(check.examine(properties(), cli.environment().variables()));
        }
    }
}
