// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.sign.ForeignSignature;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.SignatureFile;
import io.cloacina.guard.verify.SignedStatement;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code sign --dry-run}: reads all and changes nothing; needs no key encryption key and makes no event. */
final class SignDryRun {

    private final Cli cli;
    private final SignerOptions signers;
    private final boolean detached;
    private final boolean stored;
    private final boolean force;
    private @Nullable Path out;

    SignDryRun(Cli cli, SignerOptions signers, boolean detached, boolean stored, boolean force) {
        this.cli = cli;
        this.signers = signers;
        this.detached = detached;
        this.stored = stored;
        this.force = force;
    }

    /** @param file where one signature of all is to be written; null if each has its own */
    SignDryRun together(@Nullable Path file) {
        out = file;
        return this;
    }

    /**
     * @param org null if none is needed
     * @return the exit status that signing is expected to have
     */
    int run(List<SignTarget> targets, @Nullable UUID org) throws CliException, KeyException, StoreUnavailableException {
        if (!stored && !signers.isOfStore()) {
            return all(targets, signers.fingerprint(cli, org, null), null);
        }
        try (JdbiStore store = cli.store()) {
            return all(targets, signers.fingerprint(cli, org, store), store);
        }
    }

    private int all(List<SignTarget> targets, Fingerprint fingerprint, @Nullable JdbiStore store)
            throws StoreUnavailableException {
        int status = ExitStatus.DONE;
        for (SignTarget target : targets) {
            status = ExitStatus.worse(status, one(target, fingerprint, store));
        }
        return status;
    }

    private int one(SignTarget target, Fingerprint fingerprint, @Nullable JdbiStore store)
            throws StoreUnavailableException {
        PackageHash hash;
        try {
            if (target.problem() != null) {
                throw target.problem();
            }
            if (target.inside() != null) {
                hash = target.inside();
            } else {
                hash = target.tree() ? TreeSnapshot.hash(target.path()) : PackageSnapshot.hash(target.path());
            }
        } catch (CliException e) {
            return failed(target, fingerprint, e);
        } catch (UnreadablePackageException e) {
            return failed(
                    target,
                    fingerprint,
                    e.isRefusedForm()
                            ? CliException.refused("refused_tree", KeyText.shown(e.getMessage()))
                            : CliException.trouble("unreadable_package", KeyText.shown(e.getMessage()), e));
        }
        boolean hasFile;
        try {
            hasFile = !writes(target) || hasFile(target, hash, fingerprint);
        } catch (MalformedSignatureException e) {
            if (!force) {
                return failed(
                        target,
                        fingerprint,
                        CliException.refused(
                                "foreign_signature",
                                ForeignSignature.problem(file(target)) + "; --force would overwrite it"));
            }
            hasFile = false;
        }
        boolean unchanged = hasFile && (!stored || hasRow(target, Objects.requireNonNull(store), hash, fingerprint));
        cli.result(
                json(target, hash, fingerprint, unchanged),
                Printable.of(
                        target.path() + (unchanged ? ": unchanged, signed already  " : ": would be signed  ") + hash));
        return ExitStatus.DONE;
    }

    /** What is inside an archive has no place for a {@code .sig} file. */
    private boolean writes(SignTarget target) {
        return out != null || detached && target.inside() == null;
    }

    private Path file(SignTarget target) {
        return out != null ? out : DetachedSignature.pathFor(target.path());
    }

    private boolean hasFile(SignTarget target, PackageHash hash, Fingerprint fingerprint)
            throws MalformedSignatureException {
        byte[] content = SignatureFile.read(file(target)).orElse(null);
        if (content == null) {
            return false;
        }
        if (SignatureFile.isVersion2(content)) {
            SignedStatement present = SignedStatement.parse(content);
            return target.statement() != null && says(present, target.statement(), hash, fingerprint);
        }
        DetachedSignature present = DetachedSignature.parse(content);
        return target.statement() == null
                && present.packageHash().equals(hash)
                && present.keyFingerprint().equals(fingerprint);
    }

    private static boolean says(
            SignedStatement present, StatementRequest wanted, PackageHash hash, Fingerprint fingerprint) {
        PackageStatement statement = present.statement();
        return statement.isAbout(hash)
                && present.envelope().by(fingerprint) != null
                && (wanted.adds()
                        || statement.name().equals(wanted.name())
                                && statement.version().equals(wanted.version())
                                && Objects.equals(statement.expiresAt(), wanted.expiresAt()));
    }

    private static boolean hasRow(SignTarget target, JdbiStore store, PackageHash hash, Fingerprint fingerprint)
            throws StoreUnavailableException {
        if (target.statement() == null) {
            return store.signatures().of(hash).stream()
                    .anyMatch(row -> row.keyFingerprint().equals(fingerprint));
        }
        for (StatementRow row : store.statements().of(hash)) {
            try {
                if (row.keyFingerprint().equals(fingerprint)
                        && says(SignedStatement.parse(row.envelope()), target.statement(), hash, fingerprint)) {
                    return true;
                }
            } catch (MalformedSignatureException e) {
                // Signing replaces it.
            }
        }
        return false;
    }

    private JsonLine json(SignTarget target, @Nullable PackageHash hash, Fingerprint fingerprint, boolean unchanged) {
        return new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", hash)
                .with("key_fingerprint", fingerprint)
                .with("signature_file", writes(target) ? Cli.absolute(file(target)) : null)
                .with("stored", stored)
                .with("unchanged", unchanged)
                .with("dry_run", true);
    }

    private int failed(SignTarget target, Fingerprint fingerprint, CliException why) {
        cli.say(why.getMessage());
        cli.result(
                json(target, null, fingerprint, false).with("error", why.code()).with("message", why.getMessage()),
                Printable.of(target.path() + ": WOULD NOT BE SIGNED: " + why.getMessage()));
        return why.status();
    }
}
