// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.audit.SinkConfigurationException;
import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.ExitStatus;
import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.config.KnownJava;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        description = "Check configuration, store, keys, clock and JVM, and say what to mend.",
        footer = {
            "",
            "Changes nothing. The exit status is 1 if there is something to mend.",
            "",
            "Examples:",
            "  cloacina doctor --store sqlite:///var/lib/app/trust.db --kek-file kek",
            "  CLOACINA_TRUSTED_KEYS=vendor.pem cloacina doctor --agent"
        })
public final class DoctorCommand implements Callable<Integer> {

    private static final Runtime.Version OLDEST_JAVA = Runtime.Version.parse("17");

    private final Cli cli;
    private final List<Finding> findings = new ArrayList<>();

    @Option(
            names = "--agent",
            description = "Look at the settings that the agent of this host would use: cloacina.* and CLOACINA_*"
                    + " (default when there are such settings of an agent, and none of --store, --org, --kek-file).")
    private boolean agent;

    public DoctorCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        examineJvm();
        GuardConfig config = examineConfiguration();
        DoctorStore store = new DoctorStore(cli, findings);
        if (agent
                || !cli.isStoreNamed()
                        && GuardConfig.isForAgent(
                                properties(), cli.environment().variables())) {
            if (config != null) {
                examineAgents(config, store);
            }
        } else {
            Optional<UUID> org = examineOrganisation();
            examineEvents();
            store.examine(org);
        }
        store.examineClock();
        examineOthers();
        if (config != null) {
            findings.addAll(Exposure.examine(cli.environment().variables(), config));
        }
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

    private void examineJvm() {
        Runtime.Version java = Runtime.version();
        findings.add(
                java.compareTo(OLDEST_JAVA) >= 0
                        ? Finding.ok("java", "Java " + java)
                        : Finding.mend("java", "this is Java " + java, "run it on Java 17 or later"));
        String unknown = KnownJava.unknown(java.feature());
        if (unknown != null) {
            findings.add(Finding.note("java", unknown));
        }
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!encoding.equalsIgnoreCase("UTF-8")) {
            findings.add(Finding.note(
                    "locale",
                    "file names are read as " + encoding + ": packages with other characters in their names cannot be"
                            + " named on the command line; LC_ALL=C.UTF-8 would let them"));
        }
    }

    /** Null if an agent would not start with it. */
    private @Nullable GuardConfig examineConfiguration() {
        try {
            GuardConfig config =
                    GuardConfig.read(properties(), cli.environment().variables());
            findings.add(Finding.ok(
                    "configuration",
                    "an agent with these settings would be in " + config.mode() + " mode"
                            + (config.requireSignatures() ? "" : ": it would refuse nothing")));
            findings.addAll(new AgentSettings(config, properties()).examine());
            return config;
        } catch (ConfigException e) {
            findings.add(Finding.mend(
                    "configuration",
                    "an agent would not start with these settings: " + e.getMessage(),
                    "set it right"));
            return null;
        }
    }

    /** The store of this host's agent, and none where it needs none; not what the command line would use by default. */
    private void examineAgents(GuardConfig config, DoctorStore store) {
        if (config.orgId() != null) {
            findings.add(Finding.ok("organisation", config.orgId().toString()));
        }
        if (config.databaseUrl() != null) {
            store.examine(config.databaseUrl(), config);
        } else if (config.trustedKeys().isEmpty()) {
            findings.add(Finding.note(
                    "trust", "the agent of this host has neither cloacina.database_url nor cloacina.trusted_keys"));
        }
        if (cli.environment().variable(KekSource.VARIABLE) != null) {
            findings.add(Finding.note(
                    "kek",
                    "the key encryption key is among the variables of this host's agent, which needs none:"
                            + " what runs here can read it"));
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
                    AuditSinks.check(sink);
                    findings.add(Finding.ok("events", "they go to " + sink));
                }
            }
        } catch (SinkConfigurationException e) {
            findings.add(Finding.mend("events", e.getMessage(), "put the file right; see audit-log.md"));
        } catch (CliException e) {
            findings.add(Finding.mend("events", e.getMessage(), "name stderr, stdout or file:PATH"));
        }
    }

    private void examineEventFile(Path file) {
        Path directory = file.getParent();
        if (Files.isRegularFile(file)
                ? Files.isWritable(file)
                : !Files.exists(file) && directory != null && canMake(directory)) {
            findings.add(Finding.ok("events", "they go to [" + file + "]"));
            findings.addAll(Permissions.examine("events", file, false));
        } else {
            findings.add(Finding.mend(
                    "events",
                    "they cannot be written to [" + file + "]",
                    "make it writable, or name another file with --audit"));
        }
    }

    // The command line itself makes only the directory of its own under the user's.
    private boolean canMake(Path directory) {
        Path own = cli.environment().home().resolve(".cloacina");
        Path needed = !Files.exists(directory) && directory.equals(own) ? own.getParent() : directory;
        return needed != null && Files.isDirectory(needed) && Files.isWritable(needed);
    }

    private void examineOthers() {
        for (DoctorCheck check : ServiceLoader.load(DoctorCheck.class, DoctorCheck.class.getClassLoader())) {
            findings.addAll(check.examine(properties(), cli.environment().variables()));
        }
    }
}
