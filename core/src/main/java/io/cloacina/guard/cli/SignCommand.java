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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
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
            "What is signed already stays as it is. Of several files all are done, whatever becomes of one.",
            "",
            "Examples:",
            "  cloacina sign plugin.jar --key release-2026",
            "  cloacina sign plugins/ --key release-2026 --no-detached",
            "  cloacina sign plugin.jar --private-key secret.pem      (offline, without a store)",
            "  cloacina sign --tree classes/ --key release-2026       (writes classes.sig)",
            "  cloacina sign --nested shop.war --key release-2026     (for hosts that unpack it)"
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
            description = "A package, or a folder: every .jar and .so in it is meant, however deep.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--tree",
            paramLabel = "DIR",
            description = "A folder that is signed as one package; its signature is DIR.sig.")
    private List<String> trees = new ArrayList<>();

    @Option(
            names = "--nested",
            description = {
                "Also store signatures of what hosts extract from each FILE: archives and native libraries in it, however",
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

    SignCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        requireSense();
        UUID org = privateKey == null ? cli.org() : cli.orgIfAny().orElse(null);
        try (AuditLog audit = cli.audit()) {
            List<SignTarget> targets = new SignTargets(cli).find(files, trees, nested);
            try (Opened opened = open(org)) {
                return signAll(targets, opened, org, audit);
            } catch (CliException | KeyException | StoreUnavailableException e) {
                for (SignTarget target : targets) {
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
        } else if (nested && (noStore || privateKey != null)) {
            problem = "--nested needs a store: what is inside a file has no place for a .sig file";
        } else if (nested && files.isEmpty()) {
            problem = "--nested looks into files: name at least one";
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
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

    private int signAll(List<SignTarget> targets, Opened opened, UUID org, AuditLog audit) throws AuditFailedException {
        CliEnvironment environment = cli.environment();
        int status = ExitStatus.DONE;
        long totalBytes = environment.terminal()
                ? targets.stream().mapToLong(SignTarget::sizeBytes).sum()
                : 0;
        try (ProgressBar bar = new ProgressBar(environment.err(), totalBytes)) {
            PackageSigner signer = signer(opened, org).reportingTo(bar::add);
            for (int from = 0, to; from < targets.size(); from = to) {
                to = batchEnd(targets, from);
                List<SignTarget> batch = targets.subList(from, to);
                status = ExitStatus.worse(status, signBatch(batch, signer, opened.key(), org, audit, bar));
            }
        }
        return status;
    }

    /** A tree is alone in its batch: what is written meanwhile may lie in it. */
    private static int batchEnd(List<SignTarget> targets, int from) {
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
            List<SignTarget> targets,
            PackageSigner signer,
            Ed25519PrivateKey with,
            UUID org,
            AuditLog audit,
            ProgressBar bar)
            throws AuditFailedException {
        List<Ahead<List<SignedPackage>>> signings = new ArrayList<>();
        for (SignTarget target : targets) {
            signings.add(new Ahead<>(() -> sign(target, signer)));
        }
        Ahead.begin(signings, THREADS);
        List<SignedPackage> signed = new ArrayList<>();
        for (Ahead<List<SignedPackage>> signing : signings) {
            try {
                signed.addAll(signing.get());
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
            CliException why = notStored == null ? null : why(notStored);
            int packages = 0;
            try {
                packages = signings.get(i).get().size();
            } catch (ExecutionException e) {
                why = why(e.getCause());
            }
            if (why != null) {
                Fingerprint fingerprint = with.publicKey().fingerprint();
                status = ExitStatus.worse(status, failed(targets.get(i), fingerprint, org, audit, bar, why));
                continue;
            }
            for (; packages > 0; packages--) {
                tell(done.next(), with, org, audit, bar);
            }
        }
        return status;
    }

    private static List<SignedPackage> sign(SignTarget target, PackageSigner signer)
            throws CliException, SigningException {
        if (target.problem() != null) {
            throw target.problem();
        }
        if (target.tree()) {
            return List.of(signer.signTreeUnstored(target.path()));
        }
        // Before a signature is written for the file itself.
        List<SignedPackage> inside = target.nested() ? signer.signNestedUnstored(target.path()) : List.of();
        List<SignedPackage> all = new ArrayList<>();
        all.add(signer.signUnstored(target.path()));
        all.addAll(inside);
        return all;
    }

    private void tell(SignedPackage signed, Ed25519PrivateKey with, UUID org, AuditLog audit, ProgressBar bar)
            throws AuditFailedException {
        Fingerprint fingerprint = with.publicKey().fingerprint();
        audit.record(Events.signed(org, Cli.absolute(signed.path()), signed.signature().packageHash(), fingerprint));
        bar.hide();
        cli.result(json(signed, fingerprint), line(signed));
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
            SignTarget target, Fingerprint fingerprint, UUID org, AuditLog audit, ProgressBar bar, CliException why)
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

    private static JsonLine json(SignedPackage signed, Fingerprint fingerprint) {
        return new JsonLine()
                .with("package_path", Cli.absolute(signed.path()))
                .with("package_hash", signed.signature().packageHash())
                .with("key_fingerprint", fingerprint)
                .with("signature_file", signed.signatureFile() == null ? null : Cli.absolute(signed.signatureFile()))
                .with("stored", signed.stored());
    }

    private static String line(SignedPackage signed) {
        String where = signed.signatureFile() == null
                ? "stored"
                : signed.signatureFile().getFileName() + (signed.stored() ? ", stored" : "");
        return Printable.of(signed.path() + ": signed (" + where + ")  "
                + signed.signature().packageHash());
    }
}
