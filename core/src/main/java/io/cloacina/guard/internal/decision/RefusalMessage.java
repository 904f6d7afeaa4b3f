// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.report.Remedy;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFormat;
import java.nio.file.Path;

/**
 * What the host learns of a refusal: what was refused, why, and what makes it right if it is legitimate. One line,
 * safe to print on a terminal, with commands that can be pasted into a shell.
 */
final class RefusalMessage {

    private static final String PROGRAM = "java -jar cloacina-guard.jar ";

    private RefusalMessage() {}

    static String of(GuardConfig config, Load load, Refusal reason, String error) {
        return of(config, load, load, reason, error);
    }

    /** @param remedied what would have to be signed or trusted */
    static String of(GuardConfig config, Load load, Load remedied, Refusal reason, String error) {
        return Printable.of("cloacina-guard refused [" + load.packagePath() + "] (" + reason.code() + "): " + error
                + "; " + remedy(config, remedied, reason, error));
    }

    private static String remedy(GuardConfig config, Load load, Refusal reason, String error) {
        return switch (reason) {
            case WITHDRAWN_PACKAGE -> reinstate(config, load);
            case SIGNATURE_NOT_FOUND -> "if it is legitimate: " + resources(config, load) + sign(config, load);
            case TAMPERED_PACKAGE ->
                load.kind() == Load.Kind.CLASS && load.signatureFile() == null
                        ? "if this host weaves classes before it defines them, start it with"
                                + " -Dcloacina.woven_classes=allow; if it does not, another program changed the class"
                        : "put the original back; only if the change is yours: " + sign(config, load);
            case MALFORMED_SIGNATURE ->
                "copy the .sig file again from where it was made, or if the package is legitimate: "
                        + sign(config, load);
            case INVALID_SIGNATURE ->
                "get package and signature again from where they come from; only if you have checked the package: "
                        + sign(config, load);
            case UNTRUSTED_SIGNER -> Refusal.isOfLimitedKey(error) ? limit(config, load) : trust(config);
            case EXPIRED_SIGNATURE ->
                "get a release that is signed for longer; only if you have checked this one: "
                        + sign(config, load, "--format 2 --expires TIME ");
            case OUTDATED_PACKAGE ->
                "put a newer version in its place; only if the older one is wanted: " + PROGRAM
                        + "package floor NAME VERSION" + org(config);
            case TOO_FEW_SIGNERS ->
                "if it is legitimate, have the holder of another trusted key sign it too: "
                        + sign(config, load, config.databaseUrl() == null ? "--add " : "--no-detached ");
            case UNREADABLE_PACKAGE -> look(load);
            case STORE_UNAVAILABLE ->
                "nothing is wrong with the package; see: " + PROGRAM + "store status, and " + PROGRAM + "doctor";
            case DYNAMIC_CODE ->
                "if this host generates classes, start it with -Dcloacina.dynamic_code=allow, which counts them";
            case AUDIT_UNAVAILABLE ->
                "nothing is wrong with the package; see to it that cloacina.audit can be written (disk space,"
                        + " permissions): " + PROGRAM + "doctor";
            case INTERNAL_ERROR ->
                "please report this; see: " + PROGRAM + "doctor"
                        + (load.signatureFile() == null
                                ? ""
                                : "; to go on without verifying this path: -Dcloacina.exempt="
                                        + Remedy.quoted(load.packagePath()));
        };
    }

    private static String resources(GuardConfig config, Load load) {
        Path file = load.file();
        return load.kind() == Load.Kind.DIRECTORY && file != null && config.isResourceDirectory(file)
                ? "take the directory out of cloacina.resource_directories, and "
                : "";
    }

    private static String sign(GuardConfig config, Load load) {
        return sign(config, load, "");
    }

    /** @param more options, each with a space behind it */
    private static String sign(GuardConfig config, Load load, String more) {
        boolean mustBe2 = config.signatures().format() == SignatureFormat.VERSION_2;
        String options = mustBe2 && !more.contains("--format") && !more.contains("--add") ? "--format 2 " + more : more;
        String key = (config.databaseUrl() == null ? "--private-key KEY.pem " : "--key KEY ") + options;
        String org = config.databaseUrl() == null ? "" : org(config);
        if (load.signatureFile() != null) {
            boolean directory = load.kind() == Load.Kind.DIRECTORY;
            return PROGRAM + "sign " + key + (directory ? "--tree " : "") + Remedy.quoted(load.packagePath()) + org;
        }
        // To sign an archive is less work than to sign its classes one by one.
        String archive = load.kind() == Load.Kind.CLASS
                ? "have the host read its archive from a file, and sign that; otherwise "
                : "";
        return config.databaseUrl() == null
                ? archive + "there is no file that a signature could lie beside: save what is loaded as FILE, "
                        + PROGRAM + "sign " + key + "FILE, and have the host load that"
                : archive + "save what is loaded as FILE, check it, and " + PROGRAM + "sign " + key
                        + (key.contains("--no-detached") ? "" : "--no-detached ") + "FILE" + org;
    }

    private static String org(GuardConfig config) {
        return config.orgId() == null ? "" : " --org " + config.orgId();
    }

    private static String limit(GuardConfig config, Load load) {
        return "if the signer is to sign this package, too: " + PROGRAM + "trust limit KEY --for NAME --until TIME"
                + org(config) + " (or --none), where a signature that names no package needs one that does: "
                + sign(config, load, "--format 2 ");
    }

    private static String trust(GuardConfig config) {
        if (config.databaseUrl() == null) {
            return "if the signer is legitimate, start the host with the signer's public key in"
                    + " -Dcloacina.trusted_keys=SIGNER.pem";
        }
        return "if the signer is legitimate: " + PROGRAM + "trust add SIGNER.pem"
                + org(config)
                + " (with --reinstate if its trust was revoked by mistake)";
    }

    private static String reinstate(GuardConfig config, Load load) {
        boolean file = load.signatureFile() != null;
        return "put a version in its place that was not withdrawn; only if it was withdrawn by mistake: " + PROGRAM
                + "package reinstate " + (file ? Remedy.quoted(load.packagePath()) : "HASH")
                + org(config)
                + " (with --all-orgs if it was withdrawn for every organisation)";
    }

    private static String look(Load load) {
        if (load.file() == null) {
            return "start the JVM anew, or have the host load it as a file; see: " + PROGRAM + "doctor";
        }
        return "see: ls -ld -- " + Remedy.quoted(load.file().toString()) + ", and " + PROGRAM + "doctor";
    }
}
