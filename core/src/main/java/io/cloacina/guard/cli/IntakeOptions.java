// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.HashList;
import io.cloacina.guard.internal.intake.Intake;
import io.cloacina.guard.internal.intake.JarSigner;
import io.cloacina.guard.internal.intake.PgpKeyFile;
import io.cloacina.guard.internal.text.GivenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name what has to vouch for packages. */
final class IntakeOptions {

    @Option(
            names = "--pgp-key",
            paramLabel = "FILE",
            description = {
                "The publisher's OpenPGP public key, armoured or binary, or a file of several (KEYS). The signature of X is",
                "X.asc beside it."
            })
    private @Nullable String pgpKey;

    @Option(
            names = "--pgp-signature",
            paramLabel = "FILE",
            description = "The OpenPGP signature of the only package, if it is not X.asc.")
    private @Nullable String pgpSignature;

    @Option(
            names = "--jar-signer",
            paramLabel = "CERT.pem",
            description = {
                "The certificate that signed every entry of the JAR, or that of the authority which issued it."
            })
    private @Nullable String jarSigner;

    @Option(names = "--sha256", paramLabel = "HEX", description = "The SHA-256 of the only package.")
    private @Nullable String sha256;

    @Option(
            names = "--sha256-file",
            paramLabel = "FILE",
            description = "A list of SHA-256 and names, as sha256sum writes it.")
    private @Nullable String sha256File;

    /**
     * What makes no sense in what was asked for, or null.
     *
     * @param onlyOne whether one file is named, and no directory
     */
    @Nullable
    String problem(boolean onlyOne) {
        if (pgpKey == null && jarSigner == null && sha256 == null && sha256File == null) {
            return "name what has to vouch for the package: --pgp-key FILE, --jar-signer CERT.pem, --sha256 HEX or"
                    + " --sha256-file FILE; if nothing does, sign signs it all the same";
        }
        if (pgpSignature != null && pgpKey == null) {
            return "--pgp-signature is checked by the key that --pgp-key names";
        }
        if (!onlyOne && (pgpSignature != null || sha256 != null)) {
            return "--pgp-signature and --sha256 are of one package: name one file";
        }
        if (sha256 != null && !sha256.matches("[0-9a-fA-F]{64}")) {
            return "--sha256 is 64 hexadecimal digits";
        }
        return null;
    }

    /** Reads what is named. */
    Intake intake(Cli cli) throws CliException {
        if ((pgpKey != null || jarSigner != null) && !hasLibrary()) {
            throw CliException.askedWrongly(
                    "not_in_this_jar",
                    "this jar checks neither OpenPGP nor signed JARs, as the library for that would be in every JVM with"
                            + " the guard: use cloacina.jar, which is the command line alone",
                    null);
        }
        return new Intake(
                new Intake.Named(
                        pgpKey == null ? null : pgpKeys(cli.path(pgpKey)),
                        pgpSignature == null ? null : cli.path(pgpSignature),
                        jarSigner == null ? null : jarSigner(cli.path(jarSigner)),
                        sha256 == null ? null : new PackageHash(sha256.toLowerCase(Locale.ROOT)),
                        sha256File == null ? null : hashes(cli.path(sha256File))),
                cli.environment().clock());
    }

    private static boolean hasLibrary() {
        return IntakeOptions.class.getResource("/org/bouncycastle/openpgp/PGPSignature.class") != null;
    }

    private static PgpKeyFile pgpKeys(Path path) throws CliException {
        byte[] content = read("the OpenPGP key", path, PgpKeyFile.MOST_BYTES);
        try {
            return PgpKeyFile.read(content, path.toString());
        } catch (IllegalArgumentException e) {
            throw malformed("malformed_key", path, e);
        }
    }

    private static JarSigner jarSigner(Path path) throws CliException {
        byte[] content = read("the certificate", path, JarSigner.MOST_BYTES);
        try {
            return JarSigner.read(content);
        } catch (IllegalArgumentException e) {
            throw malformed("malformed_certificate", path, e);
        }
    }

    private static HashList hashes(Path path) throws CliException {
        byte[] content = read("the list of hashes", path, HashList.MOST_BYTES);
        try {
            return HashList.read(content, path);
        } catch (IllegalArgumentException e) {
            throw malformed("malformed_list", path, e);
        }
    }

    private static byte[] read(String what, Path path, int most) throws CliException {
        try {
            byte[] content = GivenFile.read(path, most);
            if (content.length > most) {
                throw CliException.askedWrongly(
                        "too_large", "[" + path + "] is larger than " + most + " bytes; that is not " + what, null);
            }
            return content;
        } catch (IOException e) {
            throw Cli.unreadable(what, path, e);
        }
    }

    private static CliException malformed(String code, Path path, IllegalArgumentException e) {
        return CliException.askedWrongly(code, "[" + path + "]: " + e.getMessage(), e);
    }
}
