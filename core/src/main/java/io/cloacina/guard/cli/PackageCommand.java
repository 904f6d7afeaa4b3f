// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.PackageRules;
import io.cloacina.guard.internal.sign.SignedPackages;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.StoredSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = "Packages, however they are signed: which are withdrawn, and which versions are too old.",
        synopsisSubcommandLabel = "COMMAND")
final class PackageCommand implements Runnable {

    private static final String PACKAGES =
            "A package, or its SHA-256 in 64 hexadecimal digits. A directory is one package,"
                    + " as for verify --tree.";
    private static final String HASH = "[0-9a-fA-F]{64}";

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    PackageCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private PackageRules rules(JdbiStore store) {
        return new PackageRules(store, cli.environment().clock(), new SecureRandom());
    }

    @Command(
            description =
                    "Withdraw packages: every running JVM refuses them from the next load on, however they are signed.",
            footer = {
                "",
                "It also binds organisations that share this organisation's trust. The keys that signed the packages keep"
                        + " all trust.",
                "",
                "Examples:",
                "  cloacina package withdraw plugin-1.4.2.jar --reason 'writes to /etc'",
                "  cloacina package list --key release-2026 --json",
                "  cloacina package withdraw --all-orgs plugin-1.4.2.jar"
            })
    int withdraw(
            @Parameters(arity = "1..*", paramLabel = "FILE|HASH", description = PACKAGES) List<String> packages,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            description = "Why, for those whose JVMs refuse it: at most 1,000 characters.")
                    @Nullable
                    String reason,
            @Option(names = "--all-orgs", description = "For every organisation of the store.") boolean allOrgs)
            throws Exception {
        return each(
                packages,
                allOrgs,
                "the package was withdrawn already; nothing changed",
                (rules, org, hash) -> rules.withdraw(org, hash, reason));
    }

    @Command(
            description = "Let withdrawn packages count again, as far as this organisation withdrew them.",
            footer = {
                "",
                "Examples:",
                "  cloacina package reinstate plugin-1.4.2.jar",
                "  cloacina package reinstate --all-orgs plugin-1.4.2.jar"
            })
    int reinstate(
            @Parameters(arity = "1..*", paramLabel = "FILE|HASH", description = PACKAGES) List<String> packages,
            @Option(names = "--all-orgs", description = "What was withdrawn for every organisation.") boolean allOrgs)
            throws Exception {
        return each(packages, allOrgs, "the package was reinstated already; nothing changed", PackageRules::reinstate);
    }

    /** What is done to one package. */
    private interface Doing {
        Change<WithdrawnPackage> to(PackageRules rules, UUID org, PackageHash hash)
                throws KeyException, StoreUnavailableException;
    }

    private int each(List<String> packages, boolean allOrgs, String unchanged, Doing doing) throws Exception {
        UUID org = allOrgs ? Withdrawal.EVERY_ORGANISATION : cli.org();
        int status = ExitStatus.DONE;
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            for (String named : packages) {
                try {
                    Target target = target(named);
                    if (target == null) {
                        continue;
                    }
                    changes.packageAt(target.hash, target.path);
                    Change<WithdrawnPackage> change = doing.to(rules(store), org, target.hash);
                    if (change.changed()) {
                        changes.record();
                    } else {
                        cli.say(unchanged);
                    }
                    print(target.path, change.row());
                } catch (CliException e) {
                    status = ExitStatus.worse(status, failed(named, e.status(), e.code(), e.getMessage()));
                } catch (KeyException e) {
                    if (e.reason() != KeyException.Reason.NOT_WITHDRAWN) {
                        throw e;
                    }
                    status = ExitStatus.worse(
                            status,
                            failed(
                                    named,
                                    ExitStatus.REFUSED,
                                    e.reason().name().toLowerCase(Locale.ROOT),
                                    e.getMessage() + (allOrgs ? "" : "; what was withdrawn for all needs --all-orgs")));
                }
            }
        }
        return status;
    }

    /** @param path null if the package was named by its hash */
    private record Target(@Nullable Path path, PackageHash hash) {}

    /** Null if it is the signature of what lies beside it, as {@code DIR/*} names it too. */
    private @Nullable Target target(String named) throws CliException {
        if (named.matches(HASH)) {
            return new Target(null, new PackageHash(named.toLowerCase(Locale.ROOT)));
        }
        Path path = cli.path(named);
        if (PackageFiles.isSignature(path)) {
            cli.say("[" + path + "] is a signature, and no package");
            return null;
        }
        try {
            if (Files.isDirectory(path)) {
                cli.say("[" + path + "] is taken as one package; the packages in it are named by themselves");
                return new Target(Cli.absolute(path), TreeSnapshot.hash(path));
            }
            return new Target(Cli.absolute(path), PackageSnapshot.hash(path));
        } catch (UnreadablePackageException e) {
            throw CliException.trouble(
                    "unreadable_file",
                    e.getMessage() + (Files.exists(path) ? "" : "; a hash would be 64 hexadecimal digits"),
                    e);
        }
    }

    private int failed(String named, int status, String code, String message) {
        cli.say(message);
        if (cli.json()) {
            boolean hash = named.matches(HASH);
            cli.result(
                    new JsonLine()
                            .with("package_path", hash ? null : named)
                            .with("package_hash", hash ? named.toLowerCase(Locale.ROOT) : null)
                            .with("error", code)
                            .with("message", message),
                    "");
        }
        return status;
    }

    private void print(@Nullable Path path, WithdrawnPackage row) {
        JsonLine json = new JsonLine()
                .with("package_path", path)
                .with("package_hash", row.packageHash())
                .with("org_id", row.orgId())
                .with("reason", row.reason())
                .with("withdrawn_at", row.withdrawnAt())
                .with("reinstated_at", row.reinstatedAt());
        String state = row.reinstatedAt() == null
                ? "withdrawn " + Rfc3339.format(row.withdrawnAt())
                : "reinstated " + Rfc3339.format(row.reinstatedAt());
        boolean everyone = row.orgId().equals(Withdrawal.EVERY_ORGANISATION);
        cli.result(
                json,
                row.packageHash() + "  " + state + (everyone ? "  for every organisation" : "")
                        + (path == null ? "" : "  " + Printable.of(path.toString()))
                        + (row.reason() == null ? "" : "  " + Printable.of(row.reason())));
    }

    @Command(
            description = "List what is signed, a line for each stored signature.",
            footer = {
                "",
                "Withdrawn packages that have no stored signature are listed too, if no key is named.",
                "",
                "Examples:",
                "  cloacina package list --key release-2026",
                "  cloacina package list --withdrawn --json"
            })
    int list(
            @Option(
                            names = "--key",
                            paramLabel = "KEY",
                            description = "Only what this key has signed: a signing key, or a trusted one.")
                    @Nullable
                    String key,
            @Option(names = "--withdrawn", description = "Only what is withdrawn for this organisation.")
                    boolean withdrawn)
            throws Exception {
        UUID org = cli.org();
        try (JdbiStore store = cli.store()) {
            SignedPackages signed = new SignedPackages(store);
            for (StoredSignature row : key == null ? signed.all(org) : signed.by(org, key)) {
                if (!withdrawn || row.withdrawnAt() != null) {
                    print(row);
                }
            }
        }
        return ExitStatus.DONE;
    }

    private void print(StoredSignature row) {
        JsonLine json = new JsonLine()
                .with("package_hash", row.packageHash())
                .with("key_fingerprint", row.keyFingerprint())
                .with("signer_name", row.signerName())
                .with("signed_at", row.signedAt())
                .with("withdrawn_at", row.withdrawnAt());
        cli.result(
                json,
                row.packageHash() + "  " + (row.keyFingerprint() == null ? "-" : row.keyFingerprint()) + "  "
                        + (row.signedAt() == null ? "-" : Rfc3339.format(row.signedAt())) + "  "
                        + (row.signerName() == null ? "-" : Printable.of(row.signerName()))
                        + (row.withdrawnAt() == null ? "" : "  withdrawn " + Rfc3339.format(row.withdrawnAt())));
    }

    @Command(
            description = "Set the lowest version of a package that counts.",
            footer = {
                "",
                "Only signatures of version 2 name a package and its version. As long as version 1 counts too"
                        + " (cloacina.signature_format=any), an old package with such a signature still loads.",
                "",
                "Examples:",
                "  cloacina package floor com.example:shop 2.4.1",
                "  cloacina package floor --list",
                "  cloacina package floor com.example:shop --none"
            })
    int floor(
            @Parameters(arity = "0..1", index = "0", paramLabel = "NAME", description = "The package's name.") @Nullable
                    String name,
            @Parameters(arity = "0..1", index = "1", paramLabel = "VERSION", description = "Lower ones do not count.")
                    @Nullable
                    String version,
            @Option(names = "--list", description = "List the floors of the organisation.") boolean list,
            @Option(names = "--none", description = "Let every version of the package count.") boolean none)
            throws Exception {
        if (list && name == null && !none) {
            return listFloors();
        }
        if (list || name == null || none != (version == null)) {
            throw new ParameterException(
                    spec.subcommands().get("floor"), "either NAME VERSION, or NAME --none, or --list");
        }
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            if (version == null) {
                removeFloor(store, org, name);
            } else {
                Change<VersionFloor> change = rules(store).setFloor(org, name, version);
                if (!change.changed()) {
                    cli.say("this is the floor already; nothing changed");
                }
                print(name, version, change.row());
            }
            changes.record();
        }
        return ExitStatus.DONE;
    }

    private int listFloors() throws CliException, StoreUnavailableException {
        UUID org = cli.org();
        try (JdbiStore store = cli.store()) {
            rules(store).floors(org).forEach(floor -> print(floor.packageName(), floor.minimumVersion(), floor));
        }
        return ExitStatus.DONE;
    }

    private void removeFloor(JdbiStore store, UUID org, String name) throws KeyException, StoreUnavailableException {
        if (!rules(store).removeFloor(org, name)) {
            cli.say("the package has no floor; nothing changed");
        }
        print(name, null, null);
    }

    /** If there is no floor any more, {@code version} and {@code row} are null. */
    private void print(String name, @Nullable String version, @Nullable VersionFloor row) {
        JsonLine json = new JsonLine()
                .with("package_name", name)
                .with("minimum_version", version)
                .with("set_at", row == null ? null : row.setAt());
        cli.result(
                json,
                Printable.of(name) + "  " + (version == null ? "no floor" : Printable.of(version))
                        + (row == null ? "" : "  " + Rfc3339.format(row.setAt())));
    }
}
