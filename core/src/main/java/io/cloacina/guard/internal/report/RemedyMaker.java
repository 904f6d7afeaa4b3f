// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Remedy.Setting;
import io.cloacina.guard.internal.report.Remedy.Step;
import io.cloacina.guard.internal.report.Remedy.Target;
import io.cloacina.guard.internal.text.ShellWord;
import io.cloacina.guard.verify.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows the remedy for each finding of a report. */
final class RemedyMaker {

    static final String EXEMPT = "cloacina.exempt";
    static final String RESOURCES = "cloacina.resource_directories";

    private static final String PRICE = " Its price: who can write there runs code that nothing verifies.";

    private final boolean withOrg;
    private final Disk disk;
    private final String key;
    private final Circumstances circumstances;
    private final LimitRemedies limits = new LimitRemedies(this);

    RemedyMaker(Report report, boolean withOrg, Disk disk) {
        this.withOrg = withOrg;
        this.disk = disk;
        this.key = keyOption(report);
        this.circumstances = new Circumstances(report, disk);
    }

    /** Where no organisation is on record, keys are files, and so is the one that signs. */
    static String keyOption(Report report) {
        if (report.signingKey() != null) {
            return "--key " + ShellWord.of(report.signingKey());
        }
        return report.orgs().isEmpty() ? "--private-key KEY.pem" : "--key KEY";
    }

    Remedy make(Finding finding) {
        return switch (finding.reason()) {
            case Remedy.WITHDRAWN -> withdrawn(finding);
            case "signature_not_found" -> finding.changedFrom() == null ? notFound(finding) : changed(finding);
            case "untrusted_signer" -> {
                if (Refusal.isOfLimitedKey(finding.error())) {
                    yield limits.limitedKey(finding);
                }
                yield finding.isSignerRevoked() ? revoked(finding) : untrusted(finding);
            }
            case "expired_signature" -> limits.expired(finding);
            case "outdated_package" -> limits.outdated(finding);
            case "too_few_signers" -> limits.tooFewSigners(finding);
            case "tampered_package" ->
                Circumstances.is(finding, "class") && finding.coveredBy() == null ? woven() : tampered(finding);
            case "invalid_signature" -> invalid(finding);
            case "malformed_signature" -> malformed(finding);
            case "unreadable_package" -> unreadable(finding);
            case "store_unavailable" ->
                advice(
                        "repair",
                        "Nothing is wrong with the package: the guard could not ask whom to trust.",
                        look("look at the store", "cloacina store status"),
                        look("and at everything around it", "cloacina doctor"));
            case "dynamic_code" ->
                setting(
                        "allow",
                        "The code was made while running and is in no file that could be signed. Frameworks that"
                                + " generate classes need the agent's option -Dcloacina.dynamic_code=allow.",
                        null,
                        new Setting("cloacina.dynamic_code", "allow", "for hosts that generate classes", false));
            case "audit_unavailable" ->
                advice(
                        "repair",
                        "See to it that events can be written: disk space, permissions, the directory of the file.",
                        look("look", "cloacina doctor"));
            default ->
                advice(
                        "repair",
                        "See the guard's message, and what doctor says on that host.",
                        look("look", "cloacina doctor"));
        };
    }

    private Remedy notFound(Finding finding) {
        String archive = finding.coveredBy();
        if (archive != null && Circumstances.isNamed(archive, finding)) {
            return sign(
                    finding,
                    "An archive holds it, byte for byte. Sign the archive; that covers what is in it.",
                    new Target(archive, false));
        }
        if (circumstances.isMadeAnew(finding)) {
            return madeAnew(finding);
        }
        String path = finding.path();
        if (!Circumstances.isNamed(path, finding)) {
            return new Remedy(
                    "sign",
                    elsewhere(path),
                    List.of(look("if it is legitimate", signCommand(finding, "--no-detached FILE"))),
                    null,
                    null,
                    null);
        }
        boolean tree = Circumstances.is(finding, "directory");
        if (PackagePath.isTemporary(path)) {
            return temporary(finding, tree);
        }
        String twin = circumstances.lastingTwin(finding);
        if (PackagePath.isHostCopy(path) && twin != null) {
            return original(finding, twin, tree, "It is the host's own copy");
        }
        if (circumstances.isGone(path)) {
            return gone(finding);
        }
        return tree ? directory(finding, path) : signable(finding, path);
    }

    private Remedy signable(Finding finding, String path) {
        String advice = finding.hashes().size() > 1
                ? "It is not signed, and its content changed on record. If what is there now is what you mean to"
                        + " run, sign it."
                : "It is not signed. If it is what you mean to run, sign it.";
        return sign(finding, advice, new Target(path, false));
    }

    private Remedy directory(Finding finding, String path) {
        Setting setting = null;
        String advice =
                "This directory is not signed; it is one package with all that is in it. If it is what you mean to"
                        + " run, sign it after its members, and anew whenever something in it changes.";
        if (finding.error() != null && finding.error().contains(RESOURCES)) {
            // As Decisions words it: class … comes from a directory that cloacina.resource_directories names.
            advice = "A class came from a directory that cloacina.resource_directories names, and such a one serves"
                    + " resources only. If the class is legitimate, take the directory out of that setting and sign it.";
        } else if (disk.hasNoClasses(path)) {
            setting = new Setting(
                    RESOURCES,
                    PackagePath.exactGlob(path),
                    "instead of signatures of directories that hold no classes: they may change, and no class may ever"
                            + " come from them",
                    false);
        }
        Target target = new Target(path, true);
        return new Remedy("sign", advice, List.of(step(finding, target)), exempt(finding), target, setting);
    }

    /** Where a host unpacks and extracts, the path is another one the next time, and the content mostly is not. */
    private Remedy temporary(Finding finding, boolean tree) {
        String twin = circumstances.lastingTwin(finding);
        if (twin != null) {
            return original(finding, twin, tree, "It is a copy, in a temporary directory,");
        }
        for (String path : finding.paths()) {
            if (disk.exists(path)) {
                return tree ? directory(finding, path) : signable(finding, path);
            }
        }
        String glob = PackagePath.glob(finding.path());
        return new Remedy(
                "sign",
                "It lay in a temporary directory, under a name that may not come again, and is not there any more."
                        + " Sign what it comes from: the archive, which covers what equals its entries, or, where"
                        + " another process unpacks it, the archive with --nested. Only where there is none, exempt"
                        + " it." + PRICE,
                List.of(look("if it is legitimate", signCommand(finding, "--nested ARCHIVE"))),
                exempt(finding),
                null,
                new Setting(
                        EXEMPT,
                        glob,
                        "only where nothing above helps: temporary files that come from no archive." + PRICE,
                        false));
    }

    private Remedy original(Finding finding, String twin, boolean tree, String copy) {
        return sign(
                finding,
                copy + " of a file that lasts. Sign that one: the store finds the signature by the content.",
                new Target(twin, tree));
    }

    private Remedy madeAnew(Finding finding) {
        boolean directory = Circumstances.is(finding, "directory");
        return setting(
                "exempt",
                directory
                        ? "The host writes into this directory while it runs: a signature would hold until the next"
                                + " change. If it holds compiled JSPs, compile them before (JspC) into the WAR and"
                                + " sign that. Else exempt it; the price: who can write there, or edit the sources that"
                                + " the host compiles, runs code that nothing verifies."
                        : "Its content is another one each time: it is made while the host runs, and a signature would"
                                + " be of the last one only. Have it made before and sign that, or exempt it." + PRICE,
                exempt(finding),
                new Setting(
                        EXEMPT, PackagePath.glob(finding.path()), "what changes while the host runs." + PRICE, true));
    }

    private Remedy gone(Finding finding) {
        return new Remedy(
                "repair",
                "It is not there any more. If it was removed for good, leave out what is older with --since.",
                List.of(),
                exempt(finding),
                null,
                null);
    }

    private Remedy changed(Finding finding) {
        return decided(
                finding,
                "restore",
                "It is unsigned, but a package of this name was verified before with other bytes: it was changed or"
                        + " replaced. Find out by whom. Sign it only if you know the change and want it.",
                "look first",
                "only if the change is yours",
                null);
    }

    private Remedy tampered(Finding finding) {
        String advice = finding.hashes().size() > 1 && Circumstances.is(finding, "directory")
                ? "What is in this directory is not what was signed, and it changed more than once on record: if the host"
                        + " itself writes there, that belongs elsewhere. Else find out who changed it."
                : "Its bytes are not those that were signed. Put the original back, and find out who changed it. Sign it"
                        + " anew only if you know the change and want it.";
        return decided(finding, "restore", advice, "look first", "only if the change is yours", null);
    }

    private Remedy invalid(Finding finding) {
        return decided(
                finding,
                "restore",
                "It carries a signature that the named key did not make: damaged, or forged. Get package and"
                        + " signature again from where they come from; sign anew only what you have checked.",
                null,
                "only after you have checked the package",
                null);
    }

    private Remedy revoked(Finding finding) {
        return decided(
                finding,
                "resign",
                "Trust in its signer's key was taken back, so do not trust the key again. Find out whether this"
                        + " package is what you had approved; if so, sign it with a key that still counts.",
                null,
                "only after you have checked the package",
                null);
    }

    private Remedy withdrawn(Finding finding) {
        // An audit log is written by others: only what can be nothing but a hash becomes part of a command.
        String hash = finding.hashes().size() == 1 ? finding.hashes().iterator().next() : "";
        return new Remedy(
                "replace",
                "It was withdrawn: it must not be loaded, however it is signed. Put a version in its place that was not"
                        + " withdrawn. Only if it was withdrawn by mistake, reinstate it, as the organisation that"
                        + " withdrew it, or with --all-orgs if it was withdrawn for every one.",
                List.of(look(
                        "only if it was withdrawn by mistake",
                        "cloacina package reinstate " + org(finding) + (hash.matches("[0-9a-f]{64}") ? hash : "HASH"))),
                null,
                null,
                null);
    }

    private Remedy malformed(Finding finding) {
        return decided(
                finding,
                "resign",
                "The .sig file beside it cannot be read as a signature. Copy it again from where it was made, or"
                        + " sign anew.",
                "see what is wrong with it",
                "if the package is legitimate, write the signature anew",
                exempt(finding));
    }

    /** @param lookFirst what to look for with {@code verify}, or null */
    private Remedy decided(
            Finding finding,
            String word,
            String advice,
            @Nullable String lookFirst,
            String when,
            @Nullable String exemptOption) {
        List<Step> steps = new ArrayList<>();
        // What is wrong is wrong with the archive that holds it.
        String cover = finding.coveredBy();
        boolean covered = cover != null && Circumstances.isNamed(cover, finding);
        String path = cover != null && covered ? cover : finding.path();
        boolean named = Circumstances.isNamed(path, finding);
        boolean tree = !covered && Circumstances.is(finding, "directory");
        String target = (tree ? "--tree " : "") + ShellWord.of(path);
        if (named && lookFirst != null && (covered || !Circumstances.is(finding, "class"))) {
            steps.add(look(lookFirst, "cloacina verify " + org(finding) + target));
        }
        steps.add(look(when, signCommand(finding, named ? target : "--no-detached FILE")));
        return new Remedy(word, advice, steps, exemptOption, null, null);
    }

    private Remedy untrusted(Finding finding) {
        List<Step> steps = new ArrayList<>();
        String fingerprint = finding.signer();
        if (fingerprint != null && fingerprint.matches("[0-9a-f]{64}")) {
            steps.add(look(
                    "must print " + fingerprint,
                    "openssl pkey -pubin -in SIGNER.pem -outform DER | tail -c 32 | sha256sum"));
        }
        steps.add(look(
                "if you trust the holder of that key",
                ("cloacina trust add SIGNER.pem " + org(finding)).stripTrailing()));
        String target = Circumstances.isNamed(finding.path(), finding)
                ? (Circumstances.is(finding, "directory") ? "--tree " : "") + ShellWord.of(finding.path())
                : "--no-detached FILE";
        steps.add(look("or vouch for this package alone, with a key of yours", signCommand(finding, target)));
        return new Remedy(
                "trust",
                "It is signed with a key that you do not trust. Ask the signer for the public key"
                        + " (SIGNER.pem), by another way than the package came, and compare its fingerprint.",
                steps,
                exempt(finding),
                null,
                null);
    }

    private Remedy woven() {
        return setting(
                "allow",
                "A class was defined with other bytes than the package has. If the host weaves classes before it"
                        + " defines them, the agent's option -Dcloacina.woven_classes=allow records that instead;"
                        + " if it does not, another program changed the class.",
                null,
                new Setting(
                        "cloacina.woven_classes",
                        "allow",
                        "for hosts that weave classes before they define them",
                        false));
    }

    private Remedy unreadable(Finding finding) {
        String advice = "The file is missing, is no regular file, or this user may not read it. Signing does not help.";
        return Circumstances.isNamed(finding.path(), finding)
                ? advice("repair", advice, look("look", "ls -ld -- " + ShellWord.of(finding.path())))
                : advice("repair", advice);
    }

    private static Remedy advice(String word, String advice, Step... steps) {
        return new Remedy(word, advice, List.of(steps), null, null, null);
    }

    private static Remedy setting(String word, String advice, @Nullable String exemptOption, Setting setting) {
        return new Remedy(word, advice, List.of(), exemptOption, null, setting);
    }

    private Remedy sign(Finding finding, String advice, Target target) {
        return new Remedy("sign", advice, List.of(step(finding, target)), exempt(finding), target, null);
    }

    private Step step(Finding finding, Target target) {
        return new Step(
                "if it is legitimate",
                signCommand(finding, (target.tree() ? "--tree " : "") + ShellWord.of(target.path())),
                false);
    }

    static Step look(String when, String command) {
        return new Step(when, command, true);
    }

    String signCommand(Finding finding, String what) {
        boolean mustNameIt = Target.isVersion2Asked(finding) && !what.startsWith("--format ");
        return "cloacina sign " + org(finding) + key + (mustNameIt ? " --format 2 " : " ") + what;
    }

    String org(Finding finding) {
        return withOrg && finding.org() != null ? "--org " + ShellWord.of(finding.org()) + " " : "";
    }

    private static String elsewhere(String path) {
        return "It is not signed. "
                + (path.startsWith("/")
                        ? "Its name cannot be given here in full (too long, or not text): name it yourself as FILE."
                        : "It is not a plain file: if it comes from an archive, have the host read that from a file, and"
                                + " sign it; else save what was loaded as FILE, check it, and store a signature of its"
                                + " content.");
    }

    static @Nullable String exempt(Finding finding) {
        return !Circumstances.isNamed(finding.path(), finding) || Circumstances.is(finding, "class")
                ? null
                : ShellWord.of("-D" + EXEMPT + "=" + PackagePath.glob(finding.path()));
    }
}
