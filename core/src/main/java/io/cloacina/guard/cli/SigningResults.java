// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.sign.PreparedSignature;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tells what became of the packages of one command, each and all, and what the command's status is. */
final class SigningResults {

    private final Cli cli;
    private final Fingerprint fingerprint;
    private final @Nullable UUID org;
    private final AuditLog audit;
    private final ProgressBar bar;
    private final SigningCondition condition;
    private int status = ExitStatus.DONE;
    private int signed;
    private int unchanged;
    private int failed;

    /**
     * @param org null if none is named
     * @param condition adds what it knows of each package
     */
    SigningResults(
            Cli cli,
            Fingerprint fingerprint,
            @Nullable UUID org,
            AuditLog audit,
            ProgressBar bar,
            SigningCondition condition) {
        this.cli = cli;
        this.fingerprint = fingerprint;
        this.org = org;
        this.audit = audit;
        this.bar = bar;
        this.condition = condition;
    }

    /** A package that is signed now, with all that belongs to it. */
    void signed(SignTarget target, SignedPackage one, PreparedSignature signature) {
        bar.hide();
        cli.result(condition.describe(target, json(target, one)), condition.describe(target, line(target, one), true));
        if (signature.replacedVersion() != 0) {
            cli.say("note: [" + one.signatureFile() + "] held a signature of version " + signature.replacedVersion()
                    + ", which was replaced");
        }
        signed += one.unchanged() ? 0 : 1;
        unchanged += one.unchanged() ? 1 : 0;
        bar.packageDone();
    }

    /** A package that is not; that is an event, too. */
    void failed(SignTarget target, CliException why) throws AuditFailedException {
        AuditEvent refusal = condition.refusal(target, why);
        AuditEvent failure = PackageEvents.notSigned(org, target.absolute(), null, fingerprint, why.getMessage());
        audit.record(refusal == null ? failure : refusal);
        bar.hide();
        cli.say(why.getMessage());
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", null)
                .with("key_fingerprint", fingerprint)
                .with("signature_file", null)
                .with("stored", false)
                .with("changed", false)
                .with("error", why.code())
                .with("message", why.getMessage());
        String line = Printable.of(target.path().toString()) + ": NOT SIGNED: " + Printable.of(why.getMessage());
        cli.result(condition.describe(target, json), condition.describe(target, line, false));
        status = ExitStatus.worse(status, why.status());
        failed++;
        bar.packageDone();
    }

    /** How many packages something was told of. */
    int done() {
        return signed + unchanged + failed;
    }

    /**
     * The last line, if there was more than one package.
     *
     * @param all how many packages there are, of which a signal may have left some
     * @return the status of the command
     */
    int summary(int all) {
        bar.hide();
        if (all > 1) {
            cli.say(all + " packages: " + signed + " signed, " + unchanged + " signed already, " + failed
                    + " not signed"
                    + (done() < all
                            ? ", " + (all - done()) + " left when interrupted; the same command again does the rest"
                            : ""));
        } else if (done() < all) {
            cli.say("interrupted: nothing was signed; the same command again does it");
        }
        return done() < all ? ExitStatus.worse(status, ExitStatus.TROUBLE) : status;
    }

    static CliException why(@Nullable Throwable failure) {
        if (failure instanceof CliException known) {
            return known;
        }
        if (failure instanceof StoreUnavailableException unavailable) {
            return CliException.trouble("store_unavailable", unavailable.getMessage(), unavailable);
        }
        if (failure instanceof SigningException signing) {
            String code = signing.reason().name().toLowerCase(Locale.ROOT);
            return switch (signing.reason()) {
                case REFUSED_TREE, FOREIGN_SIGNATURE, NOTHING_TO_ADD_TO, STATEMENT_TOO_LARGE, WRONG_SIGNATURE ->
                    CliException.refused(code, signing.getMessage());
                default -> CliException.trouble(code, signing.getMessage(), signing);
            };
        }
        throw new IllegalStateException(failure);
    }

    private JsonLine json(SignTarget target, SignedPackage one) {
        JsonLine json = new JsonLine()
                .with("package_path", target.absolute())
                .with("package_hash", one.packageHash())
                .with("key_fingerprint", fingerprint)
                .with("signature_file", one.signatureFile() == null ? null : Cli.absolute(one.signatureFile()))
                .with("stored", one.stored())
                .with("changed", !one.unchanged());
        if (one.unchanged()) {
            json.with("unchanged", true);
        }
        return one.statement() == null ? json : json.with("format", 2);
    }

    private static String line(SignTarget target, SignedPackage one) {
        String where = one.signatureFile() == null
                ? "stored"
                : one.signatureFile().getFileName() + (one.stored() ? ", stored" : "");
        return Printable.of(target.path() + (one.unchanged() ? ": unchanged, signed already (" : ": signed (") + where
                + ")  " + one.packageHash());
    }
}
