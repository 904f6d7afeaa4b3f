// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
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
            description = {
                "A package, or a directory: what is called as packages are is meant, however deep: .jar .war .ear .rar .hpi",
                ".jpi .nar .kar .zip .so .so.N .dylib .dll .jnilib .cloacina."
            })
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--tree",
            paramLabel = "DIR",
            description = "A directory that is signed as one package; its signature is DIR.sig.")
    private List<String> trees = new ArrayList<>();

    @Option(
            names = "--nested",
            description = {
                "Also store signatures of what hosts extract from each FILE: archives and native libraries in it, four",
                "deep, and WEB-INF/classes and BOOT-INF/classes as trees."
            })
    private boolean nested;

    @Mixin
    private SignerOptions signers = new SignerOptions();

    @Option(names = "--no-detached", description = "Write no .sig file.")
    private boolean noDetached;

    @Option(names = "--no-store", description = "Store nothing.")
    private boolean noStore;

    @Option(names = "--force", description = "Overwrite .sig files that are not of this program.")
    private boolean force;

    @Option(names = "--dry-run", description = "Say what would be signed, and what is signed already; change nothing.")
    private boolean dryRun;

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    @Mixin
    private StatementOptions statements = new StatementOptions();

    SignCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = stores() || signers.isOfStore() ? cli.org() : cli.orgIfAny().orElse(null);
        SignTargets named = new SignTargets(cli, spec.commandLine(), statements, directories, nested);
        if (dryRun) {
            return new SignDryRun(cli, signers, isDetached(), stores(), force)
                    .together(statements.isTogether() ? cli.path(statements.out()) : null)
                    .run(named.of(files, trees), org);
        }
        try (AuditLog audit = cli.audit()) {
            List<SignTarget> targets = named.of(files, trees);
            try (JdbiStore store = openStore();
                    OpenSigner signer = signers.open(cli, org, store, targets.size() == 1 || statements.isTogether())) {
                SigningRun run = run(signer, store, org, audit);
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
        String problem = files.isEmpty() && trees.isEmpty() ? "name at least one package to sign" : signers.problem();
        if (problem == null && noDetached && !stores()) {
            problem = "with neither a .sig file nor a store the signature would be lost";
        } else if (problem == null && nested && !stores()) {
            problem = "--nested needs a store: what is inside a file has no place for a .sig file";
        } else if (problem == null && nested && files.isEmpty()) {
            problem = "--nested looks into files: name at least one";
        }
        if (problem == null) {
            problem = statements.problem(
                    stores(), noDetached, cli.environment().clock().instant());
        }
        if (problem == null) {
            problem = directories.problem();
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    private boolean stores() {
        return !noStore && !signers.isOffline();
    }

    private boolean isDetached() {
        return !noDetached && !statements.isStoredOnly();
    }

    /** Null if there is nothing to do with one. */
    private JdbiStore openStore() throws CliException, StoreUnavailableException {
        if (stores()) {
            return cli.storeMadeIfMissing();
        }
        return signers.isOfStore() ? cli.store() : null;
    }

    private SigningRun run(OpenSigner opened, JdbiStore store, UUID org, AuditLog audit)
            throws StoreUnavailableException, AuditFailedException, CliException {
        PackageSigner signer = signer(opened, store, org);
        Changes changes = new Changes(cli.environment().clock(), audit);
        if (stores()) {
            Cli.recording(changes, store);
        }
        return new SigningRun(
                cli,
                force ? signer.overwritingForeign() : signer,
                opened.fingerprint(),
                store,
                org,
                audit,
                changes);
    }

    private PackageSigner signer(OpenSigner opened, JdbiStore store, UUID org) {
        Clock clock = cli.environment().clock();
        if (stores() && !isDetached()) {
            return PackageSigner.storing(opened.signer(), store, org, clock);
        }
        PackageSigner signer = PackageSigner.writingFiles(opened.signer(), clock);
        return stores() ? signer.alsoStoring(store, org) : signer;
    }
}
