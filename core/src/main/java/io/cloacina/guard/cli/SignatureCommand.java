// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Signatures that others have made.", synopsisSubcommandLabel = "COMMAND")
final class SignatureCommand implements Runnable {

    /** Whose trust counts with --public-key: no organisation's. */
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    private static final String SIGNATURE = ".sig";

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    SignatureCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    @Command(
            name = "import",
            description = "Put the signatures in .sig files into the store, if a trusted key has made them.",
            footer = {
                "",
                "What is stored already stays as it is, and makes no event. Of several keys in one .sig, the signatures of"
                        + " trusted ones are taken.",
                "",
                "Examples:",
                "  cloacina signature import plugin.jar                    (by plugin.jar.sig)",
                "  cloacina signature import plugins/",
                "  cloacina signature import plugin.jar --signature a.sig --public-key v.pem"
            })
    int importSignatures(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "FILE",
                            description = "A package with a .sig beside it, or a directory: every one in it is meant.")
                    @Nullable
                    List<String> files,
            @Option(names = "--tree", paramLabel = "DIR", description = "A directory that is one package.") @Nullable
                    List<String> trees,
            @Option(
                            names = "--signature",
                            paramLabel = "FILE.sig",
                            description = "Where the signature is, if not beside the package.")
                    @Nullable
                    String signature,
            @Option(
                            names = "--public-key",
                            paramLabel = "FILE.pem",
                            description = "Take what this key has made, whether it is trusted or not.")
                    @Nullable
                    String publicKey,
            @Mixin DirectoryOptions directories)
            throws Exception {
        int named = (files == null ? 0 : files.size()) + (trees == null ? 0 : trees.size());
        String problem = named == 0
                ? "name at least one package"
                : signature != null && named != 1
                        ? "--signature is of one package, not of several"
                        : directories.problem();
        if (problem != null) {
            throw new ParameterException(spec.subcommands().get("import"), problem);
        }
        UUID org = cli.org();
        Path sig = signature == null ? null : cli.path(signature);
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            PackageVerifier verifier = verifier(store, org, publicKey);
            Changes changes = cli.changes(audit, store).ofImports();
            List<SignTarget> targets = targets(files, trees, sig, directories);
            return new ImportRun(cli, verifier, store, org, audit, changes, sig).run(targets);
        }
    }

    private PackageVerifier verifier(TrustStore store, UUID org, @Nullable String publicKey) throws CliException {
        SignaturePolicy policy = SignaturePolicy.anyFrom(SignatureSource.DETACHED);
        return publicKey == null
                ? new PackageVerifier(store, org, policy, cli.environment().clock())
                : new PackageVerifier(
                        new FixedKeys(List.of(cli.publicKey(publicKey))),
                        NO_ORGANISATION,
                        policy,
                        cli.environment().clock());
    }

    private List<SignTarget> targets(
            @Nullable List<String> files,
            @Nullable List<String> trees,
            @Nullable Path sig,
            DirectoryOptions directories)
            throws CliException {
        Set<Path> paths = new LinkedHashSet<>();
        List<SignTarget> targets = new ArrayList<>();
        long named = 0;
        for (String file : files == null ? List.<String>of() : files) {
            Path path = cli.path(file);
            if (Files.isDirectory(path)) {
                named++;
                try {
                    paths.addAll(signedIn(path, directories));
                } catch (CliException e) {
                    targets.add(new SignTarget(path, false, e));
                }
            } else {
                paths.add(sig == null && PackageFiles.isSignature(path) ? signedBy(path) : path);
            }
        }
        String problem = directories.problemWithout(named);
        if (problem != null) {
            throw new ParameterException(spec.subcommands().get("import"), problem);
        }
        for (Path path : paths) {
            targets.add(new SignTarget(path, false, null));
        }
        for (String tree : trees == null ? List.<String>of() : trees) {
            targets.add(new SignTarget(Trees.named(cli.path(tree)), true, null));
        }
        return targets;
    }

    /** What has a signature beside it; the rest is none of this command's business. */
    private static List<Path> signedIn(Path directory, DirectoryOptions directories) throws CliException {
        List<Path> signed = new ArrayList<>();
        for (Path path : directories.in(directory, "import")) {
            if (Files.exists(DetachedSignature.pathFor(path))) {
                signed.add(path);
            }
        }
        if (signed.isEmpty()) {
            throw CliException.refused(
                    "nothing_to_import", "no package in [" + directory + "] has a .sig file beside it");
        }
        return signed;
    }

    private static Path signedBy(Path sig) {
        String name = sig.getFileName().toString();
        return sig.resolveSibling(name.substring(0, name.length() - SIGNATURE.length()));
    }
}
