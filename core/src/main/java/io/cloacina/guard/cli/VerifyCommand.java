// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.PackageNames;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.UnreadablePackageException;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = "Say whether packages are what a trusted key has signed.",
        footer = {
            "",
            "With --public-key neither a store nor the network is needed.",
            "",
            "Examples:",
            "  cloacina verify plugin.jar",
            "  cloacina verify plugins/ --source database --json",
            "  cloacina verify plugin.jar --public-key vendor.pem"
        })
final class VerifyCommand implements Callable<Integer> {

    /** Whose trust counts offline: no organisation's, only the key that is given. */
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    /** More would wait for the disk, not for a processor. */
    private static final int MOST_READERS = 8;

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description =
                    "A package, or a directory, of which every " + PackageNames.IN_WORDS + " is meant, however deep.")
    private List<String> files = new ArrayList<>();

    @Option(names = "--tree", paramLabel = "DIR", description = "A directory that is one package.")
    private List<String> trees = new ArrayList<>();

    @Option(names = "--public-key", paramLabel = "FILE.pem", description = "Trust exactly this key, and ask no store.")
    private @Nullable String publicKey;

    @Option(
            names = "--signature",
            paramLabel = "FILE.sig",
            description = "Where the detached signature is, if not beside the package.")
    private @Nullable String signature;

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            description = "Where signatures are looked for: auto, database, detached (default: auto).")
    private @Nullable String sourceWord;

    @Option(
            names = "--required-signers",
            paramLabel = "N",
            description = "By how many different trusted keys a package must be signed, 1 to 9 (default: 1).")
    private @Nullable String requiredSigners;

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    VerifyCommand(Cli cli) {
        this.cli = cli;
    }

    /** As {@link PlainVerify} reads it; what was not given is null. */
    VerifyCommand(
            Cli cli,
            List<String> files,
            List<String> trees,
            @Nullable String publicKey,
            @Nullable String signature,
            @Nullable String sourceWord,
            @Nullable String requiredSigners) {
        this.cli = cli;
        this.files = files;
        this.trees = trees;
        this.publicKey = publicKey;
        this.signature = signature;
        this.sourceWord = sourceWord;
        this.requiredSigners = requiredSigners;
    }

    @Override
    public Integer call() throws Exception {
        String problem = problem();
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
        SignatureSource source = source();
        if (publicKey != null) {
            UUID org = cli.orgIfAny().orElse(null);
            Ed25519PublicKey key = cli.publicKey(publicKey);
            try (AuditLog audit = cli.audit()) {
                PackageVerifier verifier = new PackageVerifier(
                        new FixedKeys(List.of(key)),
                        NO_ORGANISATION,
                        SignaturePolicy.anyFrom(SignatureSource.DETACHED),
                        cli.environment().clock());
                return verifyAll(verifier, org, audit);
            }
        }
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.storeForVerification()) {
            // The driver is loaded beside the first package's being read.
            store.prepare();
            SignaturePolicy policy = new SignaturePolicy(source, SignatureFormat.ANY, signers());
            return verifyAll(
                    new PackageVerifier(store, org, policy, cli.environment().clock()), org, audit);
        }
    }

    private SignatureSource source() {
        return sourceWord == null ? SignatureSource.AUTO : SignatureSource.ofWord(sourceWord);
    }

    private int signers() {
        return requiredSigners == null ? 1 : Integer.parseInt(requiredSigners);
    }

    /** What makes no sense in what was asked for, or null. */
    @Nullable
    String problem() {
        if (files.isEmpty() && trees.isEmpty()) {
            return "name at least one package to verify";
        }
        if (signature != null && files.size() + trees.size() != 1) {
            return "--signature is of one package, not of several";
        }
        SignatureSource source;
        try {
            source = source();
        } catch (IllegalArgumentException e) {
            return "--source: " + e.getMessage();
        }
        if (source == SignatureSource.DATABASE && publicKey != null) {
            return "with --public-key no database is asked";
        }
        if (source == SignatureSource.DATABASE && signature != null) {
            return "with --source database no --signature is read";
        }
        if (requiredSigners != null && !requiredSigners.matches("[1-9]")) {
            return "--required-signers is a number from 1 to 9, not [" + KeyText.shown(requiredSigners) + "]";
        }
        if (signers() > 1 && publicKey != null) {
            return "--public-key trusts one key: it cannot be " + signers() + " signers";
        }
        return directories.problem();
    }

    private int verifyAll(PackageVerifier verifier, @Nullable UUID org, AuditLog audit)
            throws CliException, AuditFailedException {
        List<Path> paths = new ArrayList<>();
        List<Ahead<PackageHash>> hashes = new ArrayList<>();
        int status = ExitStatus.DONE;
        List<Path> named = new ArrayList<>();
        for (String file : files) {
            named.add(cli.path(file));
        }
        String problem = directories.problemWithout(
                named.stream().filter(Files::isDirectory).count());
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
        for (Path path : named) {
            try {
                for (Path one : packages(path)) {
                    paths.add(one);
                    hashes.add(new Ahead<>(new Reading(one, false)));
                }
            } catch (CliException e) {
                print(path, new Verdict.Refused(null, Refusal.UNREADABLE_PACKAGE, e.getMessage(), null));
                status = ExitStatus.REFUSED;
            }
        }
        for (String tree : trees) {
            paths.add(Trees.named(cli.path(tree)));
            hashes.add(new Ahead<>(new Reading(Trees.named(cli.path(tree)), true)));
        }
        if (paths.isEmpty() && status == ExitStatus.DONE) {
            throw CliException.refused("nothing_to_verify", "what is named are signatures only");
        }
        Ahead.begin(hashes, Math.min(MOST_READERS, Runtime.getRuntime().availableProcessors()));
        for (int i = 0; i < paths.size(); i++) {
            status = ExitStatus.worse(status, verify(verifier, paths.get(i), hashes.get(i), org, audit));
        }
        return status;
    }

    private List<Path> packages(Path path) throws CliException {
        if (Files.isDirectory(path)) {
            return directories.in(path, "verify");
        }
        if (PackageFiles.isSignature(path)) {
            cli.say("[" + path + "] is a signature; it is not verified itself");
            return List.of();
        }
        return List.of(path);
    }

    private record Reading(Path path, boolean tree) implements Callable<PackageHash> {
        @Override
        public PackageHash call() throws UnreadablePackageException {
            return tree ? TreeSnapshot.hash(path) : PackageSnapshot.hash(path);
        }
    }

    private int verify(PackageVerifier verifier, Path path, Ahead<PackageHash> hash, @Nullable UUID org, AuditLog audit)
            throws CliException, AuditFailedException {
        Verdict verdict;
        try {
            PackageHash read = hash.get();
            Path beside = signature == null ? DetachedSignature.pathFor(path) : cli.path(signature);
            verdict = verifier.verify(read, beside);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnreadablePackageException unreadable)) {
                throw new IllegalStateException(e.getCause());
            }
            verdict = new Verdict.Refused(null, Refusal.UNREADABLE_PACKAGE, unreadable.getMessage(), null);
        }
        audit.record(PackageEvents.verified(org, Cli.absolute(path), verdict));
        if (verdict instanceof Verdict.Verified good) {
            print(path, good);
            return ExitStatus.DONE;
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        print(path, bad);
        if (bad.reason() != Refusal.STORE_UNAVAILABLE) {
            return ExitStatus.REFUSED;
        }
        cli.say(bad.error());
        return ExitStatus.TROUBLE;
    }

    private void print(Path path, Verdict.Verified good) {
        JsonLine json = new JsonLine()
                .with("package_path", Cli.absolute(path))
                .with("package_hash", good.packageHash())
                .with("verified", true)
                .with("signer_fingerprint", good.signer())
                .with("signer_name", good.signerName())
                .with("trusted_by", good.trustedBy())
                .with("signature_source", good.source().word())
                .with("failure_reason", null)
                .with("error", null);
        String called = called(json, good.packageName(), good.packageVersion());
        if (good.signers().size() > 1) {
            json.with(
                    "signers", good.signers().stream().map(Verdict.Signer::key).toList());
            called += " with " + good.signers().size() + " keys";
        }
        String signer = good.signerName() == null ? "key " : good.signerName() + ", key ";
        String by = good.trustedBy() == null ? "" : ", trusted by organisation " + good.trustedBy();
        String where = good.source() == SignatureSource.DATABASE ? "stored" : "detached";
        cli.result(
                json,
                Printable.of(path + ": verified, signed" + called + " by " + signer + good.signer() + by + ", " + where
                        + " signature"));
        for (String note : good.notes()) {
            cli.say("note: " + path + ": " + note);
        }
    }

    /** @return the same in words; empty if no signature of version 2 says it */
    private static String called(JsonLine json, @Nullable String name, @Nullable String version) {
        if (name == null) {
            return "";
        }
        json.with("package_name", KeyText.shown(name)).with("package_version", KeyText.shown(version));
        return " as " + KeyText.shown(name) + " " + KeyText.shown(version);
    }

    private void print(Path path, Verdict.Refused bad) {
        JsonLine json = new JsonLine()
                .with("package_path", Cli.absolute(path))
                .with("package_hash", bad.packageHash())
                .with("verified", false)
                .with("signer_fingerprint", bad.signer())
                .with("signer_name", null)
                .with("trusted_by", null)
                .with("signature_source", null)
                .with("failure_reason", bad.reason().code())
                .with("error", bad.error());
        called(json, bad.packageName(), bad.packageVersion());
        cli.result(json, Printable.of(path + ": REFUSED, " + bad.reason().code() + ": " + bad.error()));
    }
}
