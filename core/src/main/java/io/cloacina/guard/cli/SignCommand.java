package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.JsonLine;
import io.cloacina.guard.audit.Printable;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.PackageSigner;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.store.JdbiStore;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
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
                    + " of one.",
            "",
            "Examples:",
            "  cloacina sign plugin.jar --key release-2026",
            "  cloacina sign plugins/ --key release-2026 --no-detached",
            "  cloacina sign plugins/ --key release-2026 --dry-run",
            "  cloacina sign plugin.jar --private-key secret.pem    (without a store)",
            "  cloacina sign --tree classes/ --key release-2026     (writes classes.sig)"
        })
final class SignCommand implements Callable<Integer> {

    /** How many packages go into one transaction of the store. */
    private static final int BATCH = 256;

    /** More than there are processors, because most of the time is spent waiting for the disk. */
    private static final int THREADS = 4;

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
            description = "A folder that is signed as one package; its signature is DIR.sig.")
    private List<String> trees = new ArrayList<>();

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

    @Option(
            names = "--dry-run",
            description = "Say what would be signed, and what is signed already; change nothing.")
    private boolean dryRun;

    SignCommand(Cli cli) {
        this.cli = cli;
    }

    /**
     * One package to sign, or one argument that cannot be.
     *
     * @param tree whether it is a folder that is signed as one package
     * @param problem why it cannot be signed, or null
     */
    record Target(Path path, boolean tree, CliException problem) {

        Path absolute() {
            return Cli.absolute(path);
        }
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = privateKey == null ? cli.org() : cli.orgIfAny().orElse(null);
        if (dryRun) {
            return new SignDryRun(cli, key, privateKey, noDetached, noStore).run(targets(), org);
        }
        try (AuditLog audit = cli.audit()) {
            List<Target> targets = targets();
            try (Opened opened = open(org)) {
                return signAll(targets, opened, org, audit);
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (Target target : targets) {
                    audit.record(Events.notSigned(org, target.absolute(), null, null, e.getMessage()));
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
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    // -------------------------------------------------------------------------------------------- what to sign

    private List<Target> targets() throws CliException {
        List<Target> targets = new ArrayList<>();
        for (String file : files) {
            Path path = cli.path(file);
            if (Files.isDirectory(path)) {
                addPackagesIn(path, targets);
            } else if (PackageFiles.isSignature(path)) {
                cli.say("[" + path + "] is a signature; it is not signed itself");
            } else {
                targets.add(new Target(path, false, null));
            }
        }
        for (String tree : trees) {
            targets.add(new Target(Trees.named(cli.path(tree)), true, null));
        }
        if (targets.isEmpty()) {
            throw CliException.refused("nothing_to_sign", "what is named are signatures only");
        }
        return targets;
    }

    private static void addPackagesIn(Path directory, List<Target> targets) {
        try {
            for (Path path : PackageFiles.in(directory, "sign")) {
                targets.add(new Target(path, false, null));
            }
        } catch (CliException e) {
            targets.add(new Target(directory, false, e));
        }
    }

    private static long sizeBytes(Target target) {
        if (target.problem() != null) {
            return 0;
        }
        // Only the progress bar wants to know; what cannot be read is told when it is signed.
        try (Stream<Path> paths = Files.walk(target.path())) {
            return paths.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    // ------------------------------------------------------------------------------------------------ with what

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

    private PackageSigner signer(Opened opened, UUID org) {
        if (opened.store() == null || noStore) {
            return PackageSigner.writingFiles(opened.key(), cli.environment().clock());
        }
        return noDetached
                ? PackageSigner.storing(
                        opened.key(), opened.store(), org, cli.environment().clock())
                : PackageSigner.writingFiles(opened.key(), cli.environment().clock())
                        .alsoStoring(opened.store(), org);
    }

    // --------------------------------------------------------------------------------------------------- doing

    private int signAll(List<Target> targets, Opened opened, UUID org, AuditLog audit) throws AuditFailedException {
        CliEnvironment environment = cli.environment();
        int status = ExitStatus.DONE;
        long totalBytes = environment.terminal()
                ? targets.stream().mapToLong(SignCommand::sizeBytes).sum()
                : 0;
        try (ProgressBar bar = new ProgressBar(environment.err(), totalBytes)) {
            PackageSigner signer = signer(opened, org).reportingTo(bar::add);
            for (int from = 0, to; from < targets.size(); from = to) {
                to = batchEnd(targets, from);
                List<Target> batch = targets.subList(from, to);
                status = ExitStatus.worse(status, signBatch(batch, signer, opened.key(), org, audit, bar));
            }
        }
        return status;
    }

    /** A tree is alone in its batch: what is written meanwhile may lie in it. */
    private static int batchEnd(List<Target> targets, int from) {
        int to = from + 1;
        while (!targets.get(from).tree()
                && to < targets.size()
                && to - from < BATCH
                && !targets.get(to).tree()) {
            to++;
        }
        return to;
    }

    /** Signs several at once, which mostly wait for the disk; stores them in one transaction; then tells of each. */
    private int signBatch(
            List<Target> targets,
            PackageSigner signer,
            Ed25519PrivateKey with,
            UUID org,
            AuditLog audit,
            ProgressBar bar)
            throws AuditFailedException {
        List<Ahead<SignedPackage>> signings = new ArrayList<>();
        for (Target target : targets) {
            signings.add(new Ahead<>(() -> sign(target, signer)));
        }
        Ahead.begin(signings, THREADS);
        List<SignedPackage> signed = new ArrayList<>();
        for (Ahead<SignedPackage> signing : signings) {
            try {
                signed.add(signing.get());
            } catch (ExecutionException e) {
                // Told below, in order.
                continue;
            }
        }
        StoreUnavailableException notStored = null;
        Iterator<SignedPackage> done = signed.iterator();
        try {
            done = signer.store(signed).iterator();
        } catch (StoreUnavailableException e) {
            notStored = e;
        }
        int status = ExitStatus.DONE;
        for (int i = 0; i < targets.size(); i++) {
            int one;
            try {
                signings.get(i).get();
                one = tell(targets.get(i), done.next(), notStored, with, org, audit, bar);
            } catch (ExecutionException e) {
                one = failed(targets.get(i), with.publicKey().fingerprint(), org, audit, bar, why(e.getCause()));
            }
            status = ExitStatus.worse(status, one);
        }
        return status;
    }

    private static SignedPackage sign(Target target, PackageSigner signer) throws CliException, SigningException {
        if (target.problem() != null) {
            throw target.problem();
        }
        return target.tree() ? signer.signTreeUnstored(target.path()) : signer.signUnstored(target.path());
    }

    private int tell(
            Target target,
            SignedPackage signed,
            StoreUnavailableException notStored,
            Ed25519PrivateKey with,
            UUID org,
            AuditLog audit,
            ProgressBar bar)
            throws AuditFailedException {
        Fingerprint fingerprint = with.publicKey().fingerprint();
        if (notStored != null) {
            return failed(target, fingerprint, org, audit, bar, why(notStored));
        }
        if (!signed.unchanged()) {
            audit.record(Events.signed(org, target.absolute(), signed.signature().packageHash(), fingerprint));
        }
        bar.hide();
        cli.result(json(target, signed, fingerprint), line(target, signed));
        return ExitStatus.DONE;
    }

    private static CliException why(Throwable failure) {
        if (failure instanceof CliException known) {
            return known;
        }
        if (failure instanceof StoreUnavailableException) {
            return CliException.trouble("store_unavailable", failure.getMessage(), failure);
        }
        if (failure instanceof SigningException signing) {
            String code = signing.reason().name().toLowerCase(Locale.ROOT);
            return signing.reason() == SigningException.Reason.REFUSED_TREE
                    ? CliException.refused(code, signing.getMessage())
                    : CliException.trouble(code, signing.getMessage(), signing);
        }
        throw new IllegalStateException(failure);
    }

    private int failed(
            Target target, Fingerprint fingerprint, UUID org, AuditLog audit, ProgressBar bar, CliException why)
            throws AuditFailedException {
        audit.record(Events.notSigned(org, target.absolute(), null, fingerprint, why.getMessage()));
        bar.hide();
        cli.say(why.getMessage());
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", null)
                .with("key_fingerprint", fingerprint)
                .with("signature_file", null)
                .with("stored", false)
                .with("error", why.code())
                .with("message", why.getMessage());
        cli.result(json, Printable.of(target.path().toString()) + ": NOT SIGNED: " + Printable.of(why.getMessage()));
        return why.status();
    }

    private static JsonLine json(Target target, SignedPackage signed, Fingerprint fingerprint) {
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", signed.signature().packageHash())
                .with("key_fingerprint", fingerprint)
                .with("signature_file", signed.signatureFile() == null ? null : Cli.absolute(signed.signatureFile()))
                .with("stored", signed.stored());
        return signed.unchanged() ? json.with("unchanged", true) : json;
    }

    private static String line(Target target, SignedPackage signed) {
        String where = signed.signatureFile() == null
                ? "stored"
                : signed.signatureFile().getFileName() + (signed.stored() ? ", stored" : "");
        return Printable.of(target.path() + (signed.unchanged() ? ": unchanged, signed already (" : ": signed (") + where + ")  "
                + signed.signature().packageHash());
    }
}
