// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.PackageNames;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
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
        description = "Sign packages: write FILE.sig beside each, and store the signature.",
        footer = {
            "",
            "What is signed already stays as it is, and makes no event. Of several files all are done, whatever becomes"
                    + " of one. A .sig of another program (OpenPGP, minisign, cosign...) is left alone without --force.",
            "",
            "Examples:",
            "  cloacina sign plugin.jar --key release-2026",
            "  cloacina sign plugins/ --key release-2026 --no-detached",
            "  cloacina sign plugins/ --key release-2026 --dry-run",
            "  cloacina sign plugin.jar --private-key secret.pem    (without a store)",
            "  cloacina sign plugin.jar --signer-command ./hsm-sign --public-key hsm.pem",
            "  cloacina sign plugins/ --key release-2026 --exclude '*-sources.jar'",
            "  cloacina sign --tree classes/ --key release-2026     (writes classes.sig)",
            "  cloacina sign --nested shop.war --key release-2026   (and what is in it)",
            "  cloacina sign plugin.jar --key release-2026 --format 2 (says what it signs)",
            "  cloacina sign plugin.jar --key security-2026 --add   (a second signer)"
        })
final class SignCommand implements Callable<Integer> {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description =
                    "A package, or a directory, of which every " + PackageNames.IN_WORDS + " is meant, however deep.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--tree",
            paramLabel = "DIR",
            description = "A directory that is signed as one package; its signature is DIR.sig.")
    private List<String> trees = new ArrayList<>();

    @Option(
            names = "--nested",
            description =
                    "Also store signatures of what hosts extract from each FILE: archives and native libraries in it,"
                            + " four deep, and WEB-INF/classes and BOOT-INF/classes as trees.")
    private boolean nested;

    @Mixin
    private SigningOptions options = new SigningOptions();

    @Option(names = "--dry-run", description = "Say what would be signed, and what is signed already; change nothing.")
    private boolean dryRun;

    SignCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        StatementOptions statements = options.statements();
        UUID org = options.org(cli);
        SignTargets named = new SignTargets(cli, spec.commandLine(), statements, options.directories(), nested);
        if (dryRun) {
            return new SignDryRun(cli, options.signers(), options.isDetached(), options.stores(), options.isForced())
                    .together(statements.isTogether() ? cli.path(statements.out()) : null)
                    .run(named.of(files, trees), org);
        }
        try (AuditLog audit = cli.audit()) {
            List<SignTarget> targets = named.of(files, trees);
            boolean once = targets.size() == 1 || statements.isTogether();
            try (JdbiStore store = options.openStore(cli);
                    OpenSigner signer = options.open(cli, org, store, once)) {
                Changes changes = options.changes(cli, audit, store);
                SigningRun run = options.run(cli, signer, store, org, audit, changes);
                return statements.isTogether() ? run.together(targets, cli.path(statements.out())) : run.run(targets);
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (SignTarget target : targets) {
                    audit.record(PackageEvents.notSigned(org, target.absolute(), null, null, e.getMessage()));
                }
                throw e;
            }
        }
    }

    private void requireSense() {
        String problem =
                files.isEmpty() && trees.isEmpty() ? "name at least one package to sign" : options.problem(cli);
        if (problem == null && nested && !options.stores()) {
            problem = "--nested needs a store: what is inside a file has no place for a .sig file";
        } else if (problem == null && nested && files.isEmpty()) {
            problem = "--nested looks into files: name at least one";
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }
}
