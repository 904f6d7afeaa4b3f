// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.ShellWord;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;

/**
 * What makes a refused package right, if it is legitimate.
 *
 * @param offline whether public keys are given, instead of a store
 * @param own whether this build has made the package
 */
record VerifyRemedy(boolean offline, boolean own) {

    String of(ProjectPackage refused, Verdict.Refused verdict) {
        String file = ShellWord.of(refused.file().toString());
        return switch (verdict.reason()) {
            case WITHDRAWN_PACKAGE -> "take a version that was not withdrawn";
            case SIGNATURE_NOT_FOUND ->
                own
                        ? "have the goal sign run in this module, before this goal; what its <includes> and"
                                + " <excludes> leave out, <artifactIncludes> and <artifactExcludes> leave out here"
                        : "have its publisher deploy " + refused.artifact().getGroupId() + ":"
                                + refused.artifact().getArtifactId() + ":" + refused.extension() + ".sig"
                                + (refused.classifier().isEmpty() ? "" : ":" + refused.classifier()) + ":"
                                + refused.artifact().getVersion()
                                + " (then -U has Maven look again), or if you have checked it: "
                                + (offline
                                        ? "cloacina sign --private-key KEY.pem "
                                        : "cloacina sign --no-detached --key KEY ")
                                + file;
            case TAMPERED_PACKAGE ->
                own
                        ? "something has changed it after it was signed: have the goal sign run after that"
                        : "compare it with what its publisher has, delete it from the local repository, and have Maven fetch"
                                + " it again";
            case INVALID_SIGNATURE, MALFORMED_SIGNATURE ->
                own
                        ? "have the goal sign run again, after [mvn clean]"
                        : "delete package and signature from the local repository, and have Maven fetch them again";
            case UNTRUSTED_SIGNER ->
                offline
                        ? "if the signer is legitimate, add the public key to <publicKeys>"
                        : Refusal.isOfLimitedKey(verdict.error())
                                ? "if the signer is to sign this package, too: cloacina trust limit KEY"
                                : "if the signer is legitimate: cloacina trust add SIGNER.pem";
            case EXPIRED_SIGNATURE -> own ? "set a later <expires>" : "take a release that is signed for longer";
            case OUTDATED_PACKAGE -> "take a newer version";
            case TOO_FEW_SIGNERS -> "have the holder of another trusted key sign it, too: cloacina sign --add " + file;
            case UNREADABLE_PACKAGE -> "see: ls -ld -- " + file;
            case STORE_UNAVAILABLE -> "nothing is wrong with the package; see: cloacina store status";
            case DYNAMIC_CODE, AUDIT_UNAVAILABLE, INTERNAL_ERROR -> "please report this";
        };
    }
}
