// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.PreparedSignature;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.StatementRequest;
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
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Signs the packages of one command: several at once, which mostly wait for the disk.
 *
 * <p>A signature is made and written beside its place, stored, recorded, and only then put into its {@code .sig} file.
 * So whatever kills the process, every {@code .sig} that is there has its row and its event, and the same command again
 * does the rest. What was made is stored every tenth of a second, in one transaction. A signal lets what was stored be
 * finished.
 */
final class SigningRun {

    /** How many packages go into one transaction of the store. */
    private static final int BATCH = 256;

    private static final long LONGEST_BATCH_NANOS = 100_000_000;

    /** More than there are processors, because most of the time is spent waiting for the disk. */
    private static final int THREADS = 4;

    private final Cli cli;
    private final PackageSigner signer;
    private final Fingerprint fingerprint;
    private final UUID org;
    private final AuditLog audit;
    private final Changes changes;
    private final EngineWarnings warnings;
    private SigningCondition condition = SigningCondition.NONE;
    private ProgressBar bar;
    private int status = ExitStatus.DONE;
    private int done;

    /**
     * @param store null when signing offline
     * @param changes of the store, if signatures are stored
     */
    SigningRun(
            Cli cli,
            PackageSigner signer,
            Ed25519PrivateKey key,
            JdbiStore store,
            UUID org,
            AuditLog audit,
            Changes changes) {
        this.cli = cli;
        this.signer = signer;
        this.fingerprint = key.publicKey().fingerprint();
        this.org = org;
        this.audit = audit;
        this.changes = changes;
        this.warnings = new EngineWarnings(cli, store, fingerprint);
    }

    /** Signs only packages for which {@code required} holds. */
    SigningRun onlyIf(SigningCondition required) {
        condition = required;
        return this;
    }

    /**
     * One package to sign, or one argument that cannot be.
     *
     * @param tree whether it is a directory that is signed as one package
     * @param inside its hash, if it is in an archive; else null
     * @param statement what a signature of version 2 is to say; null if one of version 1 is wanted
     * @param problem why it cannot be signed, or null
     */
    record Target(Path path, boolean tree, PackageHash inside, StatementRequest statement, CliException problem) {

        Target(Path path, boolean tree, CliException problem) {
            this(path, tree, null, null, problem);
        }

        Path absolute() {
            return Cli.absolute(path);
        }
    }

    private static long sizeBytes(Target target) {
        if (target.problem() != null || target.inside() != null) {
            return 0;
        }
        // Only the progress bar needs the size; signing reports what cannot be read.
        try (Stream<Path> paths = Files.walk(target.path())) {
            return paths.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    /** One package, and its signature or why there is none. */
    private record Made(Target target, PreparedSignature signature, CliException problem) {}

    /** @return the status of the command */
    int run(List<Target> targets) throws AuditFailedException, StoreUnavailableException {
        CliEnvironment environment = cli.environment();
        long totalBytes = environment.terminal()
                ? targets.stream().mapToLong(SigningRun::sizeBytes).sum()
                : 0;
        try (Interruption interruption = Interruption.begin();
                ProgressBar shown = new ProgressBar(environment.err(), totalBytes)) {
            bar = shown;
            PackageSigner reporting = signer.reportingTo(shown::add);
            for (int from = 0, to; from < targets.size() && !interruption.isAsked(); from = to) {
                to = batchEnd(targets, from);
                signBatch(targets.subList(from, to), reporting, interruption);
            }
            warnings.warn();
            if (interruption.isAsked() && done < targets.size()) {
                shown.hide();
                cli.say("interrupted: " + done + " of " + targets.size()
                        + " packages are done; the same command again does the rest");
                status = ExitStatus.worse(status, ExitStatus.TROUBLE);
            }
        }
        return status;
    }

    /**
     * Makes one signature of all packages, or of none if one of them cannot be signed.
     *
     * @return the status of the command
     */
    int together(List<Target> targets, Path out) throws AuditFailedException, StoreUnavailableException {
        try (ProgressBar shown = new ProgressBar(cli.environment().err(), 0)) {
            bar = shown;
            List<Path> paths = new ArrayList<>();
            List<PackageHash> hashes = new ArrayList<>();
            List<PreparedSignature> prepared;
            try {
                for (Target target : targets) {
                    if (target.problem() != null) {
                        throw target.problem();
                    }
                    paths.add(target.path());
                    hashes.add(target.inside() != null ? target.inside() : signer.hash(target.path(), target.tree()));
                }
                prepared = signer.prepareStatement(
                        paths, hashes, out, targets.get(0).statement());
            } catch (CliException | SigningException | StoreUnavailableException e) {
                CliException why = why(e);
                for (Target target : targets) {
                    failed(target, why);
                }
                return status;
            }
            List<Made> made = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                made.add(new Made(targets.get(i), prepared.get(i), null));
            }
            finish(made);
            warnings.warn();
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

    private void signBatch(List<Target> targets, PackageSigner reporting, Interruption interruption)
            throws AuditFailedException, StoreUnavailableException {
        List<Ahead<PreparedSignature>> signings = new ArrayList<>();
        for (Target target : targets) {
            signings.add(new Ahead<>(() -> prepare(target, reporting, interruption)));
        }
        Ahead.begin(signings, THREADS);
        List<Made> made = new ArrayList<>();
        boolean finished = false;
        try {
            long begun = System.nanoTime();
            for (int i = 0; i < targets.size() && !interruption.isAsked(); i++) {
                made.add(made(targets.get(i), signings.get(i)));
                if (System.nanoTime() - begun > LONGEST_BATCH_NANOS) {
                    finish(made);
                    begun = System.nanoTime();
                }
            }
            finish(made);
            finished = true;
        } finally {
            if (!finished || interruption.isAsked()) {
                interruption.ask();
                discardRest(signings);
            }
        }
    }

    private PreparedSignature prepare(Target target, PackageSigner reporting, Interruption interruption)
            throws CliException, SigningException, StoreUnavailableException {
        if (interruption.isAsked()) {
            throw CliException.trouble("interrupted", "interrupted", null);
        }
        if (target.problem() != null) {
            throw target.problem();
        }
        PackageHash wanted = condition.check(target);
        PreparedSignature prepared = prepare(target, reporting);
        if (wanted != null && !wanted.equals(prepared.signed().packageHash())) {
            prepared.discard();
            throw CliException.trouble(
                    "changed_package", "[" + target.path() + "] changed after it was checked; it is not signed", null);
        }
        return prepared;
    }

    private static PreparedSignature prepare(Target target, PackageSigner reporting)
            throws SigningException, StoreUnavailableException {
        if (target.statement() != null) {
            boolean inside = target.inside() != null;
            PackageHash hash = inside ? target.inside() : reporting.hash(target.path(), target.tree());
            return reporting.prepareStatement(target.path(), hash, inside, target.statement());
        }
        if (target.inside() != null) {
            return reporting.prepare(new NestedPackage(target.path(), target.inside()));
        }
        return target.tree() ? reporting.prepareTree(target.path()) : reporting.prepare(target.path());
    }

    private static Made made(Target target, Ahead<PreparedSignature> signing) {
        try {
            return new Made(target, signing.get(), null);
        } catch (ExecutionException e) {
            return new Made(target, null, why(e.getCause()));
        }
    }

    /** Removes the temporary files of what was made and not finished; what was finished has none. */
    private static void discardRest(List<Ahead<PreparedSignature>> signings) {
        for (Ahead<PreparedSignature> signing : signings) {
            try {
                signing.get().discard();
            } catch (ExecutionException e) {
                // Nothing was made of it.
            }
        }
    }

    /** Stores in one transaction, then records, writes and reports each. */
    private void finish(List<Made> made) throws AuditFailedException, StoreUnavailableException {
        List<SignedPackage> signed = new ArrayList<>();
        List<SignedPackage> rows = signed;
        CliException notStored = null;
        try {
            List<Made> good = made.stream().filter(one -> one.problem() == null).toList();
            condition.keep(good.stream().map(Made::target).toList());
            for (Made one : good) {
                signed.add(one.signature().signed());
                changes.packageAt(
                        one.signature().signed().packageHash(), one.target().absolute());
            }
            rows = signer.store(signed);
        } catch (StoreUnavailableException e) {
            changes.discard();
            notStored = why(e);
        }
        Iterator<SignedPackage> each = rows.iterator();
        boolean stored = !rows.isEmpty() && rows.get(0).stored();
        for (Made one : made) {
            CliException problem = one.problem() == null ? notStored : one.problem();
            if (problem == null) {
                problem = finish(one, each.next());
            } else if (one.signature() != null) {
                one.signature().discard();
            }
            if (problem != null) {
                failed(one.target(), problem);
            }
            done++;
        }
        changes.allRecorded();
        if (stored) {
            warnings.look(signed);
        }
        made.clear();
    }

    /** @return what went wrong, or null */
    private CliException finish(Made one, SignedPackage signed) throws AuditFailedException {
        if (!signed.unchanged()) {
            changes.recordSigned(PackageEvents.signed(org, one.target().absolute(), signed.packageHash(), fingerprint));
        }
        try {
            one.signature().commit();
        } catch (SigningException e) {
            return why(e);
        }
        bar.hide();
        cli.result(
                condition.describe(one.target(), json(one.target(), signed)),
                condition.describe(one.target(), line(one.target(), signed), true));
        if (one.signature().replacedVersion() != 0) {
            cli.say("note: [" + signed.signatureFile() + "] held a signature of version "
                    + one.signature().replacedVersion() + ", which was replaced");
        }
        return null;
    }

    static CliException why(Throwable failure) {
        if (failure instanceof CliException known) {
            return known;
        }
        if (failure instanceof StoreUnavailableException) {
            return CliException.trouble("store_unavailable", failure.getMessage(), failure);
        }
        if (failure instanceof SigningException signing) {
            String code = signing.reason().name().toLowerCase(Locale.ROOT);
            return switch (signing.reason()) {
                case REFUSED_TREE, FOREIGN_SIGNATURE, NOTHING_TO_ADD_TO, STATEMENT_TOO_LARGE ->
                    CliException.refused(code, signing.getMessage());
                default -> CliException.trouble(code, signing.getMessage(), signing);
            };
        }
        throw new IllegalStateException(failure);
    }

    private void failed(Target target, CliException why) throws AuditFailedException {
        AuditEvent refusal = condition.refusal(target, why);
        AuditEvent failure =
                PackageEvents.notSigned(org, target.absolute(), null, fingerprint, why.getMessage());
        audit.record(refusal == null ? failure : refusal);
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
        String line = Printable.of(target.path().toString()) + ": NOT SIGNED: " + Printable.of(why.getMessage());
        cli.result(condition.describe(target, json), condition.describe(target, line, false));
        status = ExitStatus.worse(status, why.status());
    }

    private JsonLine json(Target target, SignedPackage signed) {
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", signed.packageHash())
                .with("key_fingerprint", fingerprint)
                .with("signature_file", signed.signatureFile() == null ? null : Cli.absolute(signed.signatureFile()))
                .with("stored", signed.stored());
        if (signed.unchanged()) {
            json.with("unchanged", true);
        }
        return signed.statement() == null ? json : json.with("format", 2);
    }

    private static String line(Target target, SignedPackage signed) {
        String where = signed.signatureFile() == null
                ? "stored"
                : signed.signatureFile().getFileName() + (signed.stored() ? ", stored" : "");
        return Printable.of(target.path() + (signed.unchanged() ? ": unchanged, signed already (" : ": signed (")
                + where + ")  " + signed.packageHash());
    }
}
