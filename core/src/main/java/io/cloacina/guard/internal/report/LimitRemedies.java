// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Remedy.Step;
import io.cloacina.guard.internal.text.ShellWord;
import io.cloacina.guard.verify.Refusal;
import java.util.ArrayList;
import java.util.List;

/** The remedies where a package is signed by a trusted key, and a limit is against it. */
final class LimitRemedies {

    private final RemedyMaker maker;

    LimitRemedies(RemedyMaker maker) {
        this.maker = maker;
    }

    /** The key is trusted for other packages, or was until some day. */
    Remedy limitedKey(Finding finding) {
        String signer = finding.signer();
        String key = signer != null && signer.matches("[0-9a-f]{64}") ? signer : "SIGNER";
        List<Step> steps = new ArrayList<>();
        steps.add(RemedyMaker.look(
                "see what the key may sign", ("cloacina trust list " + maker.org(finding)).stripTrailing()));
        String limit = "cloacina trust limit " + maker.org(finding) + key;
        String error = finding.error();
        steps.add(
                error != null && error.contains(Refusal.LIMITED + "until ")
                        ? RemedyMaker.look("if it may sign for longer", limit + " --until TIME")
                        : RemedyMaker.look(
                                "if it is to sign this package, too: this replaces the names that it has, so name those"
                                        + " again",
                                limit + " --for " + name(finding)));
        steps.add(RemedyMaker.look(
                "or vouch for this package alone, with a key of yours",
                maker.signCommand(finding, "--format 2 " + target(finding))));
        return new Remedy(
                "trust",
                "It is signed by a key that is trusted, but not for packages of this name, or not any more. A signature"
                        + " of version 1 names no package: a key that is limited to names must sign with --format 2.",
                steps,
                RemedyMaker.exempt(finding),
                null,
                null);
    }

    Remedy expired(Finding finding) {
        return new Remedy(
                "resign",
                "Its signature was good for a time that is over. Get a release that is signed for longer; sign this one"
                        + " anew only if you have checked that nothing newer is there to be run.",
                List.of(RemedyMaker.look(
                        "only after you have checked the package",
                        maker.signCommand(finding, "--format 2 --expires TIME " + target(finding)))),
                RemedyMaker.exempt(finding),
                null,
                null);
    }

    Remedy outdated(Finding finding) {
        return new Remedy(
                "restore",
                "It is an older version than the lowest that counts for packages of its name. Put a newer one in its"
                        + " place. Lower the floor only if nothing was wrong with the older ones.",
                List.of(
                        RemedyMaker.look(
                                "see the floors",
                                ("cloacina package floor --list " + maker.org(finding)).stripTrailing()),
                        RemedyMaker.look(
                                "only if the older version is wanted",
                                "cloacina package floor " + maker.org(finding) + name(finding) + " "
                                        + (finding.version() == null ? "VERSION" : ShellWord.of(finding.version())))),
                null,
                null,
                null);
    }

    Remedy tooFewSigners(Finding finding) {
        boolean stores = maker.signCommand(finding, "").contains("--key ");
        return new Remedy(
                "resign",
                "It is signed, but by fewer trusted keys than cloacina.required_signers asks for. Have the holder of"
                        + " another trusted key check and sign it, too.",
                List.of(RemedyMaker.look(
                        "with another trusted key",
                        "cloacina sign " + maker.org(finding)
                                + (stores ? "--key OTHER_KEY --no-detached " : "--private-key OTHER_KEY.pem --add ")
                                + (stores && finding.name() != null ? "--format 2 " : "")
                                + target(finding))),
                RemedyMaker.exempt(finding),
                null,
                null);
    }

    /** An audit log is written by others: quoted, and left to the reader where it could be taken for an option. */
    private static String name(Finding finding) {
        return finding.name() == null || finding.name().startsWith("-") ? "NAME" : ShellWord.of(finding.name());
    }

    private static String target(Finding finding) {
        return Circumstances.isNamed(finding.path(), finding)
                ? (Circumstances.is(finding, "directory") ? "--tree " : "") + ShellWord.of(finding.path())
                : "FILE";
    }
}
