// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.text.ShellWord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes a package acceptable that was or would be refused, if it is legitimate.
 *
 * @param word one word for it: {@code sign}, {@code trust}, {@code resign}, {@code restore}, {@code allow},
 *     {@code exempt}, {@code replace}, {@code repair}
 * @param advice one or two sentences for people, without anything from the audit log in them
 * @param steps in the order in which they are to be done; may be empty
 * @param exemptOption the JVM option that lets exactly this path load unverified, quoted for a shell (where the path
 *     has random parts, whatever they are); null where that would be wrong or cannot be said
 * @param target the path that {@code cloacina sign} is to be given; null where signing is no remedy, or is one only
 *     after a decision that a person must make
 * @param setting a setting of the agent that the host needs, or may have instead of a signature; or null
 */
public record Remedy(
        String word,
        String advice,
        List<Step> steps,
        @Nullable String exemptOption,
        @Nullable Target target,
        @Nullable Setting setting) {

    /**
     * A command to paste.
     *
     * @param when what it is for, or when it is right
     * @param command one line for a POSIX shell
     * @param needsDecision whether a person must look or fill in something first
     */
    public record Step(String when, String command, boolean needsDecision) {}

    /** @param tree whether it is a directory that is signed as one package */
    public record Target(String path, boolean tree) {

        /** Whether the guard that refused it counts no signature of version 1, as Findings words it. */
        static boolean isVersion2Asked(Finding finding) {
            String error = finding.error();
            return error != null
                    && (error.contains("no signature of version 2")
                            || error.contains("cloacina.signature_format is 2"));
        }
    }

    /**
     * A setting of the agent.
     *
     * @param name such as {@code cloacina.exempt}
     * @param value a glob, or a word
     * @param why one sentence for people
     * @param isNeeded whether the package does not load without it; else it is there to choose
     */
    public record Setting(String name, String value, String why, boolean isNeeded) {}

    static final String WITHDRAWN = "withdrawn_package";

    private static final String UNTRUSTED = "untrusted_signer";

    public Remedy {
        steps = List.copyOf(steps);
    }

    /** Order in which reasons are dealt with: what is most urgent to look at first. */
    static int rank(String reason) {
        return switch (reason) {
            case WITHDRAWN -> 0;
            case "tampered_package" -> 1;
            case "invalid_signature" -> 2;
            case UNTRUSTED -> 3;
            case "outdated_package" -> 4;
            case "expired_signature" -> 5;
            case "too_few_signers" -> 6;
            case "malformed_signature" -> 7;
            case "signature_not_found" -> 8;
            case "unreadable_package" -> 9;
            case "dynamic_code" -> 10;
            case "store_unavailable" -> 11;
            default -> 12;
        };
    }

    /** What a reason means, in a few words. */
    public static String meaning(String reason) {
        return switch (reason) {
            case WITHDRAWN -> "withdrawn, however it is signed";
            case "tampered_package" -> "changed after it was signed";
            case "invalid_signature" -> "the signature is not by the key it names";
            case UNTRUSTED -> "signed by a key that is not trusted for it";
            case "expired_signature" -> "the signature's time is over";
            case "outdated_package" -> "older than the lowest version that counts";
            case "too_few_signers" -> "signed by fewer keys than are required";
            case "malformed_signature" -> "the signature file is damaged";
            case "signature_not_found" -> "it is not signed";
            case "unreadable_package" -> "the file could not be read";
            case "dynamic_code" -> "code that is in no package";
            case "store_unavailable" -> "the trust store did not answer";
            case "audit_unavailable" -> "the decision could not be recorded";
            case "internal_error" -> "the guard itself failed";
            default -> "a reason this program does not know";
        };
    }

    /** @param withOrg whether commands name the organisation */
    public static Remedy of(Finding finding, Report report, boolean withOrg) {
        return new RemedyMaker(report, withOrg, new Disk()).make(finding);
    }

    /** As one word of a shell. */
    public static String quoted(String text) {
        return ShellWord.of(text);
    }
}
