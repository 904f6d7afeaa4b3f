// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.PreparedSignature;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Signs the packages of one command: several at once, on all processors.
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

    /** A few more than one processor has use for: much of the time is spent waiting for the disk. */
    private static final int FEWEST_THREADS = 4;

    private final Cli cli;
    private final PackageSigner signer;
    private final Fingerprint fingerprint;
    private final @Nullable UUID org;
    private final AuditLog audit;
    private final Changes changes;
    private final EngineWarnings warnings;
    private SigningCondition condition = SigningCondition.NONE;

    /**
     * @param store null when signing offline
     * @param org null if none is named
     * @param changes of the store, if signatures are stored
     */
    SigningRun(
            Cli cli,
            PackageSigner signer,
            Fingerprint fingerprint,
            @Nullable JdbiStore store,
            @Nullable UUID org,
            AuditLog audit,
            Changes changes) {
        this.cli = cli;
        this.signer = signer;
        this.fingerprint = fingerprint;
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

    /** One package, and its signature or why there is none. */
    private record Made(
            SignTarget target,
            @Nullable PreparedSignature signature,
            @Nullable CliException problem) {

        /** The signature of a package that has no problem. */
        PreparedSignature good() {
            return Objects.requireNonNull(signature);
        }
    }

    /** @return the status of the command */
    int run(List<SignTarget> targets) throws AuditFailedException, StoreUnavailableException {
        try (Interruption interruption = Interruption.begin();
                ProgressBar bar = bar(targets)) {
            SigningResults results = new SigningResults(cli, fingerprint, org, audit, bar, condition);
            PackageSigner reporting = signer.reportingTo(bar::add);
            for (int from = 0, to; from < targets.size() && !interruption.isAsked(); from = to) {
                to = batchEnd(targets, from);
                signBatch(targets.subList(from, to), reporting, interruption, results);
            }
            warnings.warn();
            return results.summary(targets.size());
        }
    }

    private ProgressBar bar(List<SignTarget> targets) {
        boolean terminal = cli.environment().terminal();
        long bytes =
                terminal ? targets.stream().mapToLong(SignTarget::sizeBytes).sum() : 0;
        return new ProgressBar(cli.environment().err(), bytes, terminal ? targets.size() : 0);
    }

    /**
     * Makes one signature of all packages, or of none if one of them cannot be signed.
     *
     * @return the status of the command
     */
    int together(List<SignTarget> targets, Path out) throws AuditFailedException, StoreUnavailableException {
        try (ProgressBar bar = bar(targets)) {
            SigningResults results = new SigningResults(cli, fingerprint, org, audit, bar, condition);
            List<Path> paths = new ArrayList<>();
            List<PackageHash> hashes;
            List<PreparedSignature> prepared;
            try {
                hashes = hashes(targets, signer.reportingTo(bar::add));
                targets.forEach(target -> paths.add(target.path()));
                prepared = signer.prepareStatement(
                        paths,
                        hashes,
                        out,
                        Objects.requireNonNull(targets.get(0).statement()));
            } catch (CliException | SigningException | StoreUnavailableException e) {
                CliException why = SigningResults.why(e);
                for (SignTarget target : targets) {
                    results.failed(target, why);
                }
                return results.summary(targets.size());
            }
            List<Made> made = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                made.add(new Made(targets.get(i), prepared.get(i), null));
            }
            finish(made, results);
            warnings.warn();
            return results.summary(targets.size());
        }
    }

    private static List<PackageHash> hashes(List<SignTarget> targets, PackageSigner reporting) throws CliException {
        List<Ahead<PackageHash>> readings = new ArrayList<>();
        for (SignTarget target : targets) {
            if (target.problem() != null) {
                throw target.problem();
            }
            readings.add(new Ahead<>(
                    () -> target.inside() != null ? target.inside() : reporting.hash(target.path(), target.tree())));
        }
        Ahead.begin(readings, threads());
        List<PackageHash> hashes = new ArrayList<>();
        for (Ahead<PackageHash> reading : readings) {
            try {
                hashes.add(reading.get());
            } catch (ExecutionException e) {
                throw SigningResults.why(e.getCause());
            }
        }
        return hashes;
    }

    private static int threads() {
        return Math.max(FEWEST_THREADS, Runtime.getRuntime().availableProcessors());
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

    private void signBatch(
            List<SignTarget> targets, PackageSigner reporting, Interruption interruption, SigningResults results)
            throws AuditFailedException, StoreUnavailableException {
        List<Ahead<PreparedSignature>> signings = new ArrayList<>();
        for (SignTarget target : targets) {
            signings.add(new Ahead<>(() -> prepare(target, reporting, interruption)));
        }
        Ahead.begin(signings, threads());
        List<Made> made = new ArrayList<>();
        boolean finished = false;
        try {
            long begun = System.nanoTime();
            for (int i = 0; i < targets.size() && !interruption.isAsked(); i++) {
                made.add(made(targets.get(i), signings.get(i)));
                if (System.nanoTime() - begun > LONGEST_BATCH_NANOS) {
                    finish(made, results);
                    begun = System.nanoTime();
                }
            }
            finish(made, results);
            finished = true;
        } finally {
            if (!finished || interruption.isAsked()) {
                interruption.ask();
                discardRest(signings);
            }
        }
    }

    private PreparedSignature prepare(SignTarget target, PackageSigner reporting, Interruption interruption)
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

    private static PreparedSignature prepare(SignTarget target, PackageSigner reporting)
            throws SigningException, StoreUnavailableException {
        if (target.statement() != null) {
            PackageHash inside = target.inside();
            PackageHash hash = inside != null ? inside : reporting.hash(target.path(), target.tree());
            return reporting.prepareStatement(target.path(), hash, inside != null, target.statement());
        }
        if (target.inside() != null) {
            return reporting.prepare(new NestedPackage(target.path(), target.inside()));
        }
        return target.tree() ? reporting.prepareTree(target.path()) : reporting.prepare(target.path());
    }

    private static Made made(SignTarget target, Ahead<PreparedSignature> signing) {
        try {
            return new Made(target, signing.get(), null);
        } catch (ExecutionException e) {
            return new Made(target, null, SigningResults.why(e.getCause()));
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
    private void finish(List<Made> made, SigningResults results)
            throws AuditFailedException, StoreUnavailableException {
        List<SignedPackage> signed = new ArrayList<>();
        List<SignedPackage> rows = signed;
        CliException notStored = null;
        try {
            List<Made> good = made.stream().filter(one -> one.problem() == null).toList();
            condition.keep(good.stream().map(Made::target).toList());
            for (Made one : good) {
                signed.add(one.good().signed());
                changes.packageAt(
                        one.good().signed().packageHash(), one.target().absolute());
            }
            rows = signer.store(signed);
        } catch (StoreUnavailableException e) {
            changes.discard();
            notStored = SigningResults.why(e);
        }
        Iterator<SignedPackage> each = rows.iterator();
        boolean stored = !rows.isEmpty() && rows.get(0).stored();
        for (Made one : made) {
            CliException problem = one.problem() == null ? notStored : one.problem();
            if (problem == null) {
                problem = finish(one, each.next(), results);
            } else if (one.signature() != null) {
                one.signature().discard();
            }
            if (problem != null) {
                results.failed(one.target(), problem);
            }
        }
        changes.allRecorded();
        if (stored) {
            warnings.look(signed);
        }
        made.clear();
    }

    /** @return what went wrong, or null */
    private @Nullable CliException finish(Made one, SignedPackage signed, SigningResults results)
            throws AuditFailedException {
        if (!signed.unchanged()) {
            changes.recordSigned(PackageEvents.signed(org, one.target().absolute(), signed.packageHash(), fingerprint));
        }
        try {
            one.good().commit();
        } catch (SigningException e) {
            return SigningResults.why(e);
        }
        results.signed(one.target(), signed, one.good());
        return null;
    }
}
