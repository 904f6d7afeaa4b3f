// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.SignatureImport;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFile;
import io.cloacina.guard.verify.UnreadablePackageException;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Takes the signatures of the packages of one command into the store, some hundred in one transaction. */
final class ImportRun {

    private static final int BATCH = 256;

    private final Cli cli;
    private final PackageVerifier verifier;
    private final JdbiStore store;
    private final SignatureImport imports;
    private final UUID org;
    private final AuditLog audit;
    private final Changes changes;
    private final @Nullable Path signature;
    private final Map<Fingerprint, EngineWarnings> warnings = new LinkedHashMap<>();
    private int status = ExitStatus.DONE;
    private int stored;
    private int unchanged;
    private int failed;

    /** @param signature where the one signature is; null for beside each package */
    ImportRun(
            Cli cli,
            PackageVerifier verifier,
            JdbiStore store,
            UUID org,
            AuditLog audit,
            Changes changes,
            @Nullable Path signature) {
        this.cli = cli;
        this.verifier = verifier;
        this.store = store;
        this.imports = new SignatureImport(store, org);
        this.org = org;
        this.audit = audit;
        this.changes = changes;
        this.signature = signature;
    }

    /** A package with the signatures of it that count. */
    private record Found(SignTarget target, List<SignedPackage> signatures) {}

    /** @return the status of the command */
    int run(List<SignTarget> targets) throws AuditFailedException, StoreUnavailableException {
        for (int from = 0; from < targets.size(); from += BATCH) {
            batch(targets.subList(from, Math.min(from + BATCH, targets.size())));
        }
        warnings.values().forEach(EngineWarnings::warn);
        if (targets.size() > 1) {
            cli.say(targets.size() + " packages: " + stored + " taken in, " + unchanged + " stored already, " + failed
                    + " not taken in");
        }
        return status;
    }

    private void batch(List<SignTarget> targets) throws AuditFailedException, StoreUnavailableException {
        List<Ahead<PackageHash>> hashes = new ArrayList<>();
        for (SignTarget target : targets) {
            hashes.add(new Ahead<>(() -> hash(target)));
        }
        Ahead.begin(hashes, Runtime.getRuntime().availableProcessors());
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            SignTarget target = targets.get(i);
            try {
                found.add(new Found(target, signatures(target, hashes.get(i).get())));
            } catch (ExecutionException e) {
                failed(target, null, unreadable(e.getCause()));
            } catch (CliException e) {
                failed(target, null, e);
            }
        }
        store(found);
    }

    private static PackageHash hash(SignTarget target) throws CliException, UnreadablePackageException {
        if (target.problem() != null) {
            throw target.problem();
        }
        return target.tree() ? TreeSnapshot.hash(target.path()) : PackageSnapshot.hash(target.path());
    }

    private static CliException unreadable(@Nullable Throwable failure) {
        if (failure instanceof UnreadablePackageException e) {
            return e.isRefusedForm()
                    ? CliException.refused("refused_tree", KeyText.shown(e.getMessage()))
                    : CliException.trouble("unreadable_package", KeyText.shown(e.getMessage()), e);
        }
        return SigningResults.why(failure);
    }

    private Path file(SignTarget target) {
        return signature == null ? DetachedSignature.pathFor(target.path()) : signature;
    }

    private List<SignedPackage> signatures(SignTarget target, PackageHash hash)
            throws CliException, AuditFailedException, StoreUnavailableException {
        byte[] content = content(target);
        Verdict verdict =
                content == null ? verifier.verify(hash, file(target)) : verifier.verify(hash, content, file(target));
        if (verdict instanceof Verdict.Refused refused) {
            audit.record(PackageEvents.verified(org, target.absolute(), verdict));
            String code = refused.reason().code();
            throw refused.reason() == Refusal.STORE_UNAVAILABLE
                    ? CliException.trouble(code, refused.error(), null)
                    : CliException.refused(code, target.path() + ": " + refused.error());
        }
        try {
            Verdict.Verified good = (Verdict.Verified) verdict;
            List<SignedPackage> signatures = content == null
                    ? List.of()
                    : SignatureImport.acceptable(target.path(), content, file(target), good);
            if (signatures.isEmpty()) {
                throw changed(target, null);
            }
            return signatures;
        } catch (MalformedSignatureException e) {
            throw changed(target, e);
        }
    }

    /** What is verified and then stored, read once; null if there is nothing that can be read. */
    private byte @Nullable [] content(SignTarget target) {
        try {
            return SignatureFile.read(file(target)).orElse(null);
        } catch (MalformedSignatureException e) {
            // Verifying says so.
            return null;
        }
    }

    private CliException changed(SignTarget target, @Nullable Throwable cause) {
        return CliException.trouble("changed_signature", "[" + file(target) + "] changed while it was read", cause);
    }

    private void store(List<Found> found) throws AuditFailedException, StoreUnavailableException {
        List<SignedPackage> signatures = new ArrayList<>();
        Map<SignTarget, List<SignedPackage>> outdated = new LinkedHashMap<>();
        for (Found one : found) {
            for (SignedPackage each : one.signatures()) {
                changes.packageAt(each.packageHash(), one.target().absolute());
                if (each.statement() != null && imports.isOutdated(each)) {
                    outdated.computeIfAbsent(one.target(), absent -> new ArrayList<>())
                            .add(each);
                } else {
                    signatures.add(each);
                }
            }
        }
        List<SignedPackage> rows;
        try {
            rows = imports.store(signatures);
        } catch (StoreUnavailableException e) {
            changes.discard();
            for (Found one : found) {
                failed(one.target(), one.signatures().get(0).packageHash(), SigningResults.why(e));
            }
            return;
        }
        changes.record();
        int at = 0;
        for (Found one : found) {
            List<SignedPackage> late = outdated.getOrDefault(one.target(), List.of());
            int count = one.signatures().size() - late.size();
            print(one, rows.subList(at, at + count), late);
            at += count;
        }
        for (SignedPackage row : rows) {
            warnings.computeIfAbsent(row.keyFingerprint(), key -> new EngineWarnings(cli, store, key))
                    .look(List.of(row));
        }
    }

    private void print(Found one, List<SignedPackage> rows, List<SignedPackage> late) {
        boolean changed = rows.stream().anyMatch(row -> !row.unchanged());
        stored += changed ? 1 : 0;
        unchanged += changed ? 0 : 1;
        Path file = Cli.absolute(file(one.target()));
        SignedPackage first = one.signatures().get(0);
        List<Fingerprint> keys =
                one.signatures().stream().map(SignedPackage::keyFingerprint).toList();
        JsonLine json = new JsonLine()
                .with("package_path", one.target().absolute())
                .with("package_hash", first.packageHash())
                .with("key_fingerprint", first.keyFingerprint())
                .with("signature_file", file)
                .with("stored", true)
                .with("changed", changed);
        if (keys.size() > 1) {
            json.with("signers", keys);
        }
        if (first.statement() != null) {
            json.with("format", 2);
        }
        cli.result(
                json,
                Printable.of(one.target().path()
                        + (changed ? ": stored, signed by " : ": unchanged, stored already, signed by ")
                        + (keys.size() == 1 ? "key " + keys.get(0) : keys.size() + " keys") + "  "
                        + first.packageHash()));
        for (SignedPackage each : late) {
            cli.say("note: " + one.target().path() + ": the store has a later statement by key " + each.keyFingerprint()
                    + ", which stays");
        }
    }

    private void failed(SignTarget target, @Nullable PackageHash hash, CliException why) {
        cli.say(why.getMessage());
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", hash)
                .with("key_fingerprint", null)
                .with("signature_file", null)
                .with("stored", false)
                .with("changed", false)
                .with("error", why.code())
                .with("message", why.getMessage());
        cli.result(json, Printable.of(target.path() + ": NOT TAKEN IN: " + why.getMessage()));
        status = ExitStatus.worse(status, why.status());
        failed++;
    }
}
