// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.intake.Intake;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = "Take in packages of other publishers: check what vouches for them, then sign them.",
        footer = {
            "",
            "All that is named must vouch for a package. Signatures with MD5 or SHA-1, RSA and DSA keys below 2,048 bits, and"
                    + " keys or certificates that are revoked or expired today count for nothing. Of several files all are"
                    + " done, whatever becomes of one.",
            "",
            "Examples:",
            "  cloacina intake plugin.jar --pgp-key publisher.asc --key release-2026",
            "  cloacina intake plugins/ --pgp-key KEYS --key release-2026",
            "  cloacina intake plugin.jar --jar-signer publisher.pem --key release-2026",
            "  cloacina intake plugins/ --sha256-file SHA256SUMS --key release-2026"
        })
final class IntakeCommand implements Callable<Integer> {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "A package, or a directory: the packages in it are meant that sign would sign.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private IntakeOptions evidence = new IntakeOptions();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The signing key: id, fingerprint or name; a unique prefix of the first two will do.")
    private String key;

    @Option(
            names = "--private-key",
            paramLabel = "FILE.pem",
            description = "Sign offline with this key (PKCS#8), with no store.")
    private String privateKey;

    @Option(names = "--no-detached", description = "Write no .sig file.")
    private boolean noDetached;

    @Option(names = "--no-store", description = "Store neither signature nor evidence.")
    private boolean noStore;

    @Option(names = "--force", description = "Overwrite .sig files that are not of this program.")
    private boolean force;

    @Mixin
    private StatementOptions statements = new StatementOptions();

    IntakeCommand(Cli cli) {
        this.cli = cli;
    }

    private boolean stores() {
        return !noStore && privateKey == null;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = privateKey == null ? cli.org() : cli.orgIfAny().orElse(null);
        Intake intake = evidence.intake(cli);
        try (AuditLog audit = cli.audit()) {
            List<SigningRun.Target> targets = targets();
            try (Ed25519PrivateKey offline = privateKey == null ? null : cli.privateKey(privateKey)) {
                return offline == null ? withStore(intake, targets, org, audit) : run(intake, targets, org, audit, offline, null);
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (SigningRun.Target target : targets) {
                    audit.record(PackageEvents.notSigned(org, target.absolute(), null, null, e.getMessage()));
                }
                throw e;
            }
        }
    }

    private void requireSense() throws CliException {
        String problem = null;
        if (files.isEmpty()) {
            problem = "name at least one package to take in";
        } else if ((key == null) == (privateKey == null)) {
            problem = "name one key to sign with: --key KEY or --private-key FILE.pem";
        } else if (noDetached && !stores()) {
            problem = "with neither a .sig file nor a store the signature would be lost";
        } else if (statements.isTogether()) {
            problem = "intake signs each package by itself: --together is of sign";
        } else {
            problem = statements.problem(stores(), noDetached, cli.environment().clock().instant());
        }
        if (problem == null) {
            problem = evidence.problem(files.size() == 1 && !Files.isDirectory(cli.path(files.get(0))));
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    private List<SigningRun.Target> targets() throws CliException {
        List<SigningRun.Target> targets = new ArrayList<>();
        for (String file : files) {
            Path path = cli.path(file);
            if (Files.isDirectory(path)) {
                try {
                    for (Path one : PackageFiles.in(path, "sign")) {
                        targets.add(target(one));
                    }
                } catch (CliException e) {
                    targets.add(new SigningRun.Target(path, false, e));
                }
            } else if (PackageFiles.isSignature(path) || isEvidence(path)) {
                cli.say("[" + path + "] is a signature; it is not taken in itself");
            } else {
                targets.add(target(path));
            }
        }
        if (targets.isEmpty()) {
            throw CliException.refused("nothing_to_sign", "what is named are signatures only");
        }
        return targets;
    }

    /** An OpenPGP signature of what lies beside it, as {@code DIR/*} names it too. */
    private static boolean isEvidence(Path path) {
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        return name.endsWith(".asc")
                && name.length() > 4
                && Files.isRegularFile(path.resolveSibling(name.substring(0, name.length() - 4)));
    }

    private SigningRun.Target target(Path path) {
        if (!statements.isVersion2()) {
            return new SigningRun.Target(path, false, null);
        }
        if (!Files.isReadable(path)) {
            return new SigningRun.Target(
                    path,
                    false,
                    CliException.trouble("unreadable_package", "[" + path + "] is missing or cannot be read", null));
        }
        try {
            return new SigningRun.Target(path, false, null, statements.of(path), null);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private int withStore(Intake intake, List<SigningRun.Target> targets, UUID org, AuditLog audit)
            throws CliException, KeyException, StoreUnavailableException, AuditFailedException {
        try (JdbiStore store = noStore ? cli.store() : cli.storeMadeIfMissing();
                Kek kek = cli.kek();
                Ed25519PrivateKey opened = cli.keys(store).openSigningKey(org, key, kek)) {
            return run(intake, targets, org, audit, opened, store);
        }
    }

    /** @param store null when signing offline */
    private int run(
            Intake intake,
            List<SigningRun.Target> targets,
            UUID org,
            AuditLog audit,
            Ed25519PrivateKey opened,
            JdbiStore store)
            throws CliException, StoreUnavailableException, AuditFailedException {
        Clock clock = cli.environment().clock();
        Changes changes = new Changes(clock, audit);
        JdbiStore kept = stores() ? store : null;
        if (kept != null) {
            Cli.recording(changes, kept);
        }
        PackageSigner signer = noDetached || statements.isStoredOnly()
                ? PackageSigner.storing(opened, store, org, clock)
                : PackageSigner.writingFiles(opened, clock);
        if (kept != null && !noDetached && !statements.isStoredOnly()) {
            signer = signer.alsoStoring(kept, org);
        }
        IntakeCondition condition = new IntakeCondition(cli, intake, org, kept, audit, changes);
        int status = new SigningRun(
                        cli, force ? signer.overwritingForeign() : signer, opened, store, org, audit, changes)
                .onlyIf(condition)
                .run(targets);
        condition.sum();
        return status;
    }
}
