// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.PackageVersion;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was found of one package: the acceptable signatures, by different keys, and everything that was not acceptable. */
final class Findings {

    final PackageHash hash;
    private final SignaturePolicy policy;
    private final Clock clock;
    private final List<Finding> wrong = new ArrayList<>();
    private final List<Good> good = new ArrayList<>();
    private boolean withdrawn;
    private boolean hasUncounted;
    /** What a trusted key says of the package, whether or not that counts. */
    private @Nullable PackageStatement said;

    private @Nullable Instant now;

    Findings(PackageHash hash, SignaturePolicy policy, Clock clock) {
        this.hash = hash;
        this.policy = policy;
        this.clock = clock;
    }

    private record Finding(
            Refusal reason, String error, @Nullable Fingerprint signer) {}

    private record Good(Candidate signature, SignerTrust.Trusted trust) {}

    /**
     * A signature that is to be judged.
     *
     * @param message what it must be over
     * @param statement what it says of the package; null for one of version 1, which says nothing
     */
    record Candidate(
            SignatureSource source,
            Fingerprint signer,
            byte[] message,
            byte[] signature,
            @Nullable PackageStatement statement) {

        String text() {
            return source == SignatureSource.DETACHED ? "the detached signature" : "a stored signature";
        }

        boolean isSame(Candidate other) {
            return signer.equals(other.signer)
                    && Arrays.equals(signature, other.signature)
                    && Arrays.equals(message, other.message);
        }
    }

    void add(Refusal reason, String error, @Nullable Fingerprint signer) {
        wrong.add(new Finding(reason, reason.named(error), signer));
    }

    void withdrawn(TrustStore.Withdrawal withdrawal) {
        withdrawn = true;
        add(Refusal.WITHDRAWN_PACKAGE, "the package with SHA-256 " + hash + " " + withdrawal.text(), null);
    }

    /** Whether signatures of version 1 count; else it is kept in mind that there is one. */
    boolean isVersion1Counted() {
        boolean counted = policy.format() == SignatureFormat.ANY;
        hasUncounted |= !counted;
        return counted;
    }

    void judge(Candidate one, SignerTrust trust, Map<String, String> floors) {
        if (trust instanceof SignerTrust.Trusted trusted) {
            judgeTrusted(one, trusted, floors);
        } else if (trust instanceof SignerTrust.Revoked revoked) {
            add(
                    Refusal.UNTRUSTED_SIGNER,
                    one.text() + " is by key " + one.signer() + named(revoked.name()) + ", revoked "
                            + Rfc3339.format(revoked.revokedAt()) + " by organisation " + revoked.revokedBy(),
                    one.signer());
        } else if (trust instanceof SignerTrust.Unusable unusable) {
            add(
                    Refusal.UNTRUSTED_SIGNER,
                    one.text() + " is by key " + one.signer() + ", whose trusted row does not count: " + unusable.why(),
                    one.signer());
        } else {
            add(
                    Refusal.UNTRUSTED_SIGNER,
                    one.text() + " is by key " + one.signer() + ", which is not trusted",
                    one.signer());
        }
    }

    private void judgeTrusted(Candidate one, SignerTrust.Trusted trusted, Map<String, String> floors) {
        for (Good known : good) {
            if (known.signature().isSame(one)) {
                // The detached one once more, as signing leaves both: no need to do the curve's arithmetic again.
                return;
            }
        }
        if (!trusted.key().verifies(one.message(), one.signature())) {
            add(Refusal.INVALID_SIGNATURE, one.text() + " is not one by key " + one.signer(), one.signer());
            return;
        }
        // Only now is it known who speaks of name, version and expiry.
        said = said == null ? one.statement() : said;
        SignerTrust.Trusted counting = counting(one, trusted);
        if (counting == null || one.statement() != null && !isCurrent(one, one.statement(), floors)) {
            return;
        }
        for (Good known : good) {
            if (known.signature().signer().equals(one.signer())) {
                if (known.signature().statement() == null && one.statement() != null) {
                    // The same key, and more is known from this one.
                    good.set(good.indexOf(known), new Good(said(known.signature(), one), known.trust()));
                }
                return;
            }
        }
        good.add(new Good(one, counting));
    }

    private static Candidate said(Candidate first, Candidate more) {
        return new Candidate(first.source(), first.signer(), first.message(), first.signature(), more.statement());
    }

    /** As which trust the key may sign this; null if there is none whose limit lets it, which is then noted. */
    private SignerTrust.@Nullable Trusted counting(Candidate one, SignerTrust.Trusted trusted) {
        if (isWithin(trusted.limit(), one)) {
            return trusted;
        }
        for (SignerTrust.Trusted other : trusted.others()) {
            if (isWithin(other.limit(), one)) {
                return other;
            }
        }
        KeyLimit limit = trusted.limit();
        String why;
        if (limit.notAfter() != null && limit.isOverAt(now())) {
            why = Refusal.LIMITED + "until " + Rfc3339.format(limit.notAfter()) + " only";
        } else {
            why = Refusal.LIMITED + "for packages called [" + KeyText.shown(String.join(", ", limit.packageNames()))
                    + "] only; "
                    + (one.statement() == null
                            ? "a signature of version 1 names none"
                            : "this one is called ["
                                    + KeyText.shown(one.statement().name()) + "]");
        }
        add(
                Refusal.UNTRUSTED_SIGNER,
                one.text() + " is by key " + one.signer() + named(trusted.name()) + why,
                one.signer());
        return null;
    }

    private boolean isWithin(KeyLimit limit, Candidate one) {
        return limit.isNone()
                || (limit.notAfter() == null || !limit.isOverAt(now()))
                        && limit.allows(
                                one.statement() == null ? null : one.statement().name());
    }

    /** Whether neither expiry nor floor is against it; else that is noted. */
    private boolean isCurrent(Candidate one, PackageStatement statement, Map<String, String> floors) {
        boolean current = true;
        if (statement.expiresAt() != null && now().isAfter(statement.expiresAt())) {
            add(
                    Refusal.EXPIRED_SIGNATURE,
                    one.text() + " by key " + one.signer() + " expired " + Rfc3339.format(statement.expiresAt()),
                    one.signer());
            current = false;
        }
        String floor = floors.get(statement.name());
        if (floor != null && isBelow(statement.version(), floor)) {
            add(
                    Refusal.OUTDATED_PACKAGE,
                    one.text() + " by key " + one.signer() + " is of version [" + KeyText.shown(statement.version())
                            + "] of [" + KeyText.shown(statement.name()) + "]; [" + KeyText.shown(floor)
                            + "] is the lowest that counts",
                    one.signer());
            current = false;
        }
        return current;
    }

    /** A floor that is no version, which no command of ours sets, lets nothing pass. */
    private static boolean isBelow(String version, String floor) {
        try {
            return PackageVersion.compare(version, floor) < 0;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    /** The same for all of one verification; asked for only where it matters. */
    private Instant now() {
        if (now == null) {
            now = clock.instant();
        }
        return now;
    }

    private static String named(@Nullable String name) {
        return name == null ? "" : " (" + name + ")";
    }

    Verdict verdict(@Nullable Path signatureFile) {
        boolean enough = good.size() >= policy.requiredSigners();
        if (!good.isEmpty() && !enough) {
            Candidate one = good.get(0).signature();
            add(
                    Refusal.TOO_FEW_SIGNERS,
                    "signed by " + (good.size() == 1 ? "1 trusted key" : good.size() + " different trusted keys") + " ("
                            + keys() + "); " + policy.requiredSigners() + " are required",
                    one.signer());
        }
        if (!enough && hasUncounted) {
            add(
                    Refusal.SIGNATURE_NOT_FOUND,
                    "there is a signature of version 1, which does not count (cloacina.signature_format is 2)",
                    null);
        }
        List<String> errors = new ArrayList<>();
        Finding first = null;
        for (Finding finding : wrong) {
            if (!errors.contains(finding.error())) {
                errors.add(finding.error());
            }
            if (first == null || finding.reason().compareTo(first.reason()) < 0) {
                first = finding;
            }
        }
        if (enough && !withdrawn) {
            return verified(errors);
        }
        if (first == null) {
            return new Verdict.Refused(hash, Refusal.SIGNATURE_NOT_FOUND, nothingFound(signatureFile), null);
        }
        return new Verdict.Refused(
                hash,
                first.reason(),
                String.join("; ", errors),
                first.signer(),
                said == null ? null : said.name(),
                said == null ? null : said.version());
    }

    private String keys() {
        StringBuilder keys = new StringBuilder();
        for (Good one : good) {
            keys.append(keys.isEmpty() ? "" : ", ")
                    .append(one.signature().signer())
                    .append(named(one.trust().name()));
        }
        return keys.toString();
    }

    private Verdict.Verified verified(List<String> notes) {
        List<Verdict.Signer> signers = new ArrayList<>();
        PackageStatement says = null;
        for (Good one : good) {
            Candidate signature = one.signature();
            signers.add(new Verdict.Signer(
                    signature.signer(), one.trust().name(), one.trust().trustedBy(), signature.source()));
            says = says == null ? signature.statement() : says;
        }
        return new Verdict.Verified(
                hash, signers, says == null ? null : says.name(), says == null ? null : says.version(), notes);
    }

    private String nothingFound(@Nullable Path signatureFile) {
        String file = signatureFile == null ? "no detached one" : "no file [" + signatureFile + "]";
        String none = policy.format() == SignatureFormat.ANY ? "no signature" : "no signature of version 2";
        return switch (policy.source()) {
            case AUTO -> none + ": " + file + " and none in the trust store";
            case DETACHED -> none + ": " + file;
            case DATABASE -> none + " in the trust store";
        };
    }
}
