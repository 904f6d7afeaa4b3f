// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.intake.Intake;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = "Take in packages of other publishers: check what vouches for them, then sign them.",
        footer = {
            "",
            "All that is named must vouch for a package. Signatures with MD5 or SHA-1, RSA and DSA keys below 2,048 bits, and"
                    + " keys and certificates that are revoked or expired today count for nothing. Of several files all are"
                    + " done, whatever becomes of one.",
            "",
            "Examples:",
            "  cloacina intake plugin.jar --pgp-key publisher.asc --key release-2026",
            "  cloacina intake plugins/ --pgp-key KEYS --key release-2026",
            "  cloacina intake plugin.jar --jar-signer publisher.pem --key release-2026",
            "  cloacina intake plugins/ --sha256-file SHA256SUMS --key release-2026"
        })
final class IntakeCommand implements Callable<Integer> {

    private static final String PGP_SIGNATURE = ".asc";

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

    @Mixin
    private SigningOptions options = new SigningOptions();

    IntakeCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = options.org(cli);
        Intake intake = evidence.intake(cli);
        try (AuditLog audit = cli.audit()) {
            List<SignTarget> targets = new SignTargets(
                            cli, spec.commandLine(), options.statements(), options.directories(), false)
                    .of(packages(), List.of());
            try (JdbiStore store = options.openStore(cli);
                    OpenSigner signer = options.open(cli, org, store, targets.size() == 1)) {
                Changes changes = options.changes(cli, audit, store);
                IntakeCondition condition =
                        new IntakeCondition(cli, intake, org, options.stores() ? store : null, audit, changes);
                int status = options.run(cli, signer, store, org, audit, changes)
                        .onlyIf(condition)
                        .run(targets);
                condition.sum();
                return status;
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (SignTarget target : targets) {
                    audit.record(PackageEvents.notSigned(org, target.absolute(), null, null, e.getMessage()));
                }
                throw e;
            }
        }
    }

    private void requireSense() throws CliException {
        String problem = files.isEmpty() ? "name at least one package to take in" : null;
        if (problem == null) {
            problem = evidence.problem(files.size() == 1 && !Files.isDirectory(cli.path(files.get(0))));
        }
        if (problem == null && options.statements().isTogether()) {
            problem = "intake signs each package by itself: --together is of sign";
        }
        if (problem == null) {
            problem = options.problem(cli);
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    /** All that is named but the OpenPGP signatures of what lies beside them, as {@code DIR/*} names them too. */
    private List<String> packages() throws CliException {
        List<String> packages = new ArrayList<>();
        for (String file : files) {
            Path path = cli.path(file);
            String name = path.getFileName() == null ? "" : path.getFileName().toString();
            boolean signature = name.endsWith(PGP_SIGNATURE)
                    && name.length() > PGP_SIGNATURE.length()
                    && Files.isRegularFile(
                            path.resolveSibling(name.substring(0, name.length() - PGP_SIGNATURE.length())));
            if (signature) {
                cli.say("[" + path + "] is a signature; it is not taken in itself");
            } else {
                packages.add(file);
            }
        }
        return packages;
    }
}
