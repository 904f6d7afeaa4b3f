// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.StatementRequest;
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
            description = "A package, or a directory: every .jar and .so in it is meant, however deep.")
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

    @Option(names = "--no-store", description = "Store nothing.")
    private boolean noStore;

    @Option(names = "--force", description = "Overwrite .sig files that are not of this program.")
    private boolean force;

    @Option(names = "--dry-run", description = "Say what would be signed, and what is signed already; change nothing.")
    private boolean dryRun;

    @Mixin
    private StatementOptions statements = new StatementOptions();

    SignCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = privateKey == null ? cli.org() : cli.orgIfAny().orElse(null);
        if (dryRun) {
            return new SignDryRun(cli, key, privateKey, !isDetached(), noStore, force)
                    .together(statements.isTogether() ? cli.path(statements.out()) : null)
                    .run(targets(), org);
        }
        try (AuditLog audit = cli.audit()) {
            List<SigningRun.Target> targets = targets();
            try (Opened opened = open(org)) {
                SigningRun run = run(opened, org, audit);
                return statements.isTogether() ? run.together(targets, cli.path(statements.out())) : run.run(targets);
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (SigningRun.Target target : targets) {
                    audit.record(PackageEvents.notSigned(org, target.absolute(), null, null, e.getMessage()));
                }
                throw e;
            }
        }
    }

    private void requireSense() {
        String problem = null;
        if (files.isEmpty() && trees.isEmpty()) {
            problem = "name at least one package to sign";
        } else if ((key == null) == (privateKey == null)) {
            problem = "name one key to sign with: --key KEY or --private-key FILE.pem";
        } else if (noDetached && (noStore || privateKey != null)) {
            problem = "with neither a .sig file nor a store the signature would be lost";
        } else if (nested && (noStore || privateKey != null)) {
            problem = "--nested needs a store: what is inside a file has no place for a .sig file";
        } else if (nested && files.isEmpty()) {
            problem = "--nested looks into files: name at least one";
        } else {
            problem = statements.problem(
                    !noStore && privateKey == null,
                    noDetached,
                    cli.environment().clock().instant());
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
                addPackagesIn(path, targets);
            } else if (PackageFiles.isSignature(path)) {
                cli.say("[" + path + "] is a signature; it is not signed itself");
            } else {
                add(path, nested, targets);
            }
        }
        for (String tree : trees) {
            Path path = Trees.named(cli.path(tree));
            targets.add(target(path, true));
        }
        if (statements.isTogether()) {
            requireOneName(targets);
        }
        if (targets.isEmpty()) {
            throw CliException.refused("nothing_to_sign", "what is named are signatures only");
        }
        return targets;
    }

    private void requireOneName(List<SigningRun.Target> targets) {
        List<StatementRequest> said = new ArrayList<>();
        for (SigningRun.Target target : targets) {
            if (target.statement() != null) {
                said.add(target.statement());
            }
        }
        String problem = StatementOptions.differenceIn(said);
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    /** What is inside is looked at first: a file that has something wrong in it is not signed. */
    private void add(Path file, boolean looksInside, List<SigningRun.Target> targets) {
        List<NestedPackage> inside;
        try {
            inside = looksInside ? PackageSigner.nestedIn(file) : List.of();
        } catch (SigningException e) {
            targets.add(new SigningRun.Target(file, false, SigningRun.why(e)));
            return;
        }
        SigningRun.Target outer = target(file, false);
        targets.add(outer);
        for (NestedPackage one : inside) {
            // It is a part of that package, whatever it says of itself.
            targets.add(new SigningRun.Target(one.path(), false, one.hash(), outer.statement(), null));
        }
    }

    private SigningRun.Target target(Path path, boolean tree) {
        if (!statements.isVersion2()) {
            return new SigningRun.Target(path, tree, null);
        }
        if (!Files.isReadable(path)) {
            return new SigningRun.Target(
                    path,
                    tree,
                    CliException.trouble("unreadable_package", "[" + path + "] is missing or cannot be read", null));
        }
        try {
            return new SigningRun.Target(path, tree, null, statements.of(path), null);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private boolean isDetached() {
        return !noDetached && !statements.isStoredOnly();
    }

    private void addPackagesIn(Path directory, List<SigningRun.Target> targets) {
        try {
            for (Path path : PackageFiles.in(directory, "sign")) {
                add(path, nested && !path.toString().endsWith(".so"), targets);
            }
        } catch (CliException e) {
            targets.add(new SigningRun.Target(directory, false, e));
        }
    }

    /** @param store null when signing offline */
    private record Opened(Ed25519PrivateKey key, JdbiStore store) implements AutoCloseable {
        @Override
        public void close() {
            key.close();
            if (store != null) {
                store.close();
            }
        }
    }

    private Opened open(UUID org) throws CliException, KeyException, StoreUnavailableException {
        if (privateKey != null) {
            return new Opened(cli.privateKey(privateKey), null);
        }
        JdbiStore store = noStore ? cli.store() : cli.storeMadeIfMissing();
        boolean done = false;
        try (Kek kek = cli.kek()) {
            Opened opened = new Opened(cli.keys(store).openSigningKey(org, key, kek), store);
            done = true;
            return opened;
        } finally {
            if (!done) {
                store.close();
            }
        }
    }

    private SigningRun run(Opened opened, UUID org, AuditLog audit)
            throws StoreUnavailableException, AuditFailedException, CliException {
        PackageSigner signer = signer(opened, org);
        Changes changes = new Changes(cli.environment().clock(), audit);
        if (opened.store() != null && !noStore) {
            Cli.recording(changes, opened.store());
        }
        return new SigningRun(
                cli, force ? signer.overwritingForeign() : signer, opened.key(), opened.store(), org, audit, changes);
    }

    private PackageSigner signer(Opened opened, UUID org) {
        if (opened.store() == null || noStore) {
            return PackageSigner.writingFiles(opened.key(), cli.environment().clock());
        }
        return !isDetached()
                ? PackageSigner.storing(
                        opened.key(), opened.store(), org, cli.environment().clock())
                : PackageSigner.writingFiles(opened.key(), cli.environment().clock())
                        .alsoStoring(opened.store(), org);
    }
}
