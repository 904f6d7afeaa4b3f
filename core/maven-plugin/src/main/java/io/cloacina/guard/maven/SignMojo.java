// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.PackageSecurity;
import io.cloacina.guard.SecurityConfig;
import io.cloacina.guard.Signing;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SignerCommand;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.UUID;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.MavenProjectHelper;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.jspecify.annotations.Nullable;

/**
 * Signs what the project has made: writes {@code FILE.sig} beside each package, and attaches it, so that it is installed
 * and deployed with the package. What is signed already stays as it is.
 *
 * <p>The key is one of three: {@code key}, {@code privateKeyFile} or {@code signerCommand}.
 */
@Mojo(name = "sign", defaultPhase = LifecyclePhase.PACKAGE, threadSafe = true)
public final class SignMojo extends GuardMojo {

    private static final int VERSION_1 = 1;
    private static final int VERSION_2 = 2;

    private final MavenProjectHelper helper;

    /** Signs nothing. */
    @Parameter(property = "cloacina-guard.sign.skip", defaultValue = "false")
    private boolean skip;

    /**
     * A signing key of the store: its id, fingerprint or name. It needs the key encryption key: {@code kekFile}, else the
     * environment variable {@code CLOACINA_KEY_ENCRYPTION_KEY}. With {@code signerCommand} it is one that was imported
     * with {@code --public-only}, and needs none.
     */
    @Parameter(property = "cloacina-guard.sign.key")
    private @Nullable String key;

    /** A file with the key encryption key of the store. */
    @Parameter(property = "cloacina-guard.sign.kekFile")
    private @Nullable String kekFile;

    /** A file with a private key (PKCS#8 in PEM). No store is used. */
    @Parameter(property = "cloacina-guard.sign.privateKeyFile")
    private @Nullable String privateKeyFile;

    /** A program that makes signatures with a key that it has. It is started without a shell. */
    @Parameter(property = "cloacina-guard.sign.signerCommand")
    private @Nullable String signerCommand;

    /** What the program gets as arguments. */
    @Parameter
    private List<String> signerArguments = List.of();

    /** A file with the public key (PEM) of {@code signerCommand}, if {@code key} does not name it. */
    @Parameter(property = "cloacina-guard.sign.publicKeyFile")
    private @Nullable String publicKeyFile;

    /**
     * Whether signatures go into the store, too. If it is not given: with {@code key} they do; with
     * {@code publicKeyFile} they do not.
     */
    @Parameter(property = "cloacina-guard.sign.storeSignatures")
    private @Nullable Boolean storeSignatures;

    /**
     * Which artifacts are signed: {@code EXTENSION} for the one without a classifier, {@code EXTENSION:CLASSIFIER} for
     * others; {@code *} stands for anything. If none is given: the main artifact and all that are attached, if they are
     * of a kind that a JVM loads (jar, war, ear, rar, hpi, jpi, nar, kar, zip, so, dylib, dll, jnilib, cloacina), but
     * neither sources nor Javadoc nor tests.
     */
    @Parameter(property = "cloacina-guard.sign.includes")
    private List<String> includes = List.of();

    /** Which of those are not signed, in the same form. */
    @Parameter(property = "cloacina-guard.sign.excludes")
    private List<String> excludes = List.of();

    /** The version of the signatures, 1 or 2. */
    @Parameter(property = "cloacina-guard.sign.format", defaultValue = "1")
    private int format = VERSION_1;

    /** The name of the package that a signature of version 2 says. */
    @Parameter(property = "cloacina-guard.sign.packageName", defaultValue = "${project.groupId}:${project.artifactId}")
    private String packageName = "";

    /** The version of the package that a signature of version 2 says. */
    @Parameter(property = "cloacina-guard.sign.packageVersion", defaultValue = "${project.version}")
    private String packageVersion = "";

    /** After this a signature of version 2 does not count, such as {@code 2099-01-31T12:00:00Z}. */
    @Parameter(property = "cloacina-guard.sign.expires")
    private @Nullable String expires;

    /** Overwrites {@code .sig} files of other programs. */
    @Parameter(property = "cloacina-guard.sign.force", defaultValue = "false")
    private boolean force;

    @Inject
    SignMojo(
            MavenProject project,
            MavenSession session,
            MojoExecution execution,
            SettingsDecrypter decrypter,
            MavenProjectHelper helper) {
        super(project, session, execution, decrypter);
        this.helper = helper;
    }

    @Override
    boolean isSkipped() {
        return skip;
    }

    @Override
    void run() throws GuardException, IOException, MojoExecutionException {
        List<ProjectPackage> packages =
                PackageSelection.toSign(includes, excludes).of(project, getLog());
        if (packages.isEmpty()) {
            getLog().info("nothing to sign: packaging is [" + project.getPackaging() + "]");
            return;
        }
        KeyKind kind = KeyKind.of(key, privateKeyFile, signerCommand, publicKeyFile);
        StatementRequest statement = statement();
        UUID org = organisationIfAny();
        try (AuditLog audit = openAudit()) {
            switch (kind) {
                case STORED -> {
                    SecurityConfig.Builder config = withKek(storeConfig(audit));
                    try (PackageSecurity security = PackageSecurity.open(config.build())) {
                        Signing signing = security.signing(String.valueOf(key));
                        signAll(packages, isStoring(true) ? signing : signing.withoutStoring(), statement);
                    }
                }
                case FILE -> {
                    if (isStoring(false)) {
                        throw new MojoExecutionException("<storeSignatures> needs a key of the store: with"
                                + " <privateKeyFile> no store is used");
                    }
                    Path file = environment.path("privateKeyFile", String.valueOf(privateKeyFile));
                    signAll(packages, Signing.offline(file).auditedBy(audit, org), statement);
                }
                case COMMAND -> signByCommand(packages, audit, org, statement);
            }
        }
    }

    private void signByCommand(
            List<ProjectPackage> packages, AuditLog audit, @Nullable UUID org, @Nullable StatementRequest statement)
            throws GuardException, MojoExecutionException {
        if (publicKeyFile == null || isStoring(false)) {
            try (PackageSecurity security =
                    PackageSecurity.open(storeConfig(audit).build())) {
                String named = String.valueOf(key);
                Ed25519PublicKey half = publicKeyFile == null
                        ? Ed25519PublicKey.of(security.keys().get(named).publicKey())
                        : publicKey(publicKeyFile);
                try (SignerCommand signer = signer(packages, half)) {
                    Signing signing =
                            publicKeyFile == null ? security.signing(named, signer) : security.signing(half, signer);
                    signAll(packages, isStoring(true) ? signing : signing.withoutStoring(), statement);
                }
            }
            return;
        }
        Ed25519PublicKey half = publicKey(publicKeyFile);
        try (SignerCommand signer = signer(packages, half)) {
            signAll(packages, Signing.offline(half, signer).auditedBy(audit, org), statement);
        }
    }

    private SignerCommand signer(List<ProjectPackage> packages, Ed25519PublicKey half)
            throws GuardException, MojoExecutionException {
        Path program = environment.path("signerCommand", String.valueOf(signerCommand));
        SignerCommand command = SignerCommand.of(program, signerArguments, half);
        return packages.size() == 1 ? command.oncePerSignature() : command;
    }

    private Ed25519PublicKey publicKey(String file) throws GuardException, MojoExecutionException {
        return KeyFiles.readPublicKey(environment.path("publicKeyFile", file));
    }

    private boolean isStoring(boolean unlessSaid) {
        return storeSignatures == null ? unlessSaid : storeSignatures;
    }

    private SecurityConfig.Builder withKek(SecurityConfig.Builder config) throws MojoExecutionException {
        if (kekFile == null) {
            if (environment.variable(KekSource.VARIABLE) == null) {
                throw new MojoExecutionException("no key encryption key is given: name a file with <kekFile> or"
                        + " -Dcloacina-guard.sign.kekFile, or set " + KekSource.VARIABLE);
            }
            return config.keyEncryptionKeyFromEnvironment();
        }
        Path file = environment.path("kekFile", kekFile);
        try {
            if (KekSource.isReadableByOthers(file)) {
                getLog().warn("others can read the key encryption key in [" + file + "]; chmod 600 would mend it");
            }
        } catch (IOException e) {
            // Reading it says what is wrong with it.
            getLog().debug(e);
        }
        return config.keyEncryptionKeyFile(file);
    }

    private @Nullable StatementRequest statement() throws MojoExecutionException {
        if (format != VERSION_1 && format != VERSION_2) {
            throw new MojoExecutionException("<format> is [" + format + "], which is neither 1 nor 2");
        }
        if (format == VERSION_1) {
            if (expires != null) {
                throw new MojoExecutionException(
                        "<expires> needs <format>2</format>: a signature of version 1 says no" + " time");
            }
            return null;
        }
        try {
            return StatementRequest.of(packageName, packageVersion, expiresAt());
        } catch (IllegalArgumentException e) {
            throw new MojoExecutionException(
                    "<packageName> is [" + KeyText.shown(packageName) + "], <packageVersion> is ["
                            + KeyText.shown(packageVersion) + "], of which one " + e.getMessage(),
                    e);
        }
    }

    private @Nullable Instant expiresAt() throws MojoExecutionException {
        if (expires == null) {
            return null;
        }
        Instant time;
        try {
            time = OffsetDateTime.parse(expires).toInstant();
        } catch (DateTimeParseException e) {
            throw new MojoExecutionException(
                    "<expires> is [" + KeyText.shown(expires) + "], which is no time such as 2099-01-31T12:00:00Z", e);
        }
        if (!time.isAfter(Clock.systemUTC().instant())) {
            throw new MojoExecutionException("<expires> is [" + time + "], which is past");
        }
        return time;
    }

    private void signAll(List<ProjectPackage> packages, Signing with, @Nullable StatementRequest statement)
            throws GuardException {
        Signing signing = force ? with.overwritingForeign() : with;
        signing = statement == null ? signing : signing.statement(statement);
        for (ProjectPackage one : packages) {
            SignedPackage signed = signing.sign(one.file());
            attach(one, DetachedSignature.pathFor(one.file()));
            getLog().info(Printable.of(one.name() + ": " + (signed.unchanged() ? "signed already" : "signed")
                    + " by key " + signed.keyFingerprint()
                    + (signed.stored() ? ", stored" : "") + ", " + one.file().getFileName() + ".sig"));
        }
    }

    /** A goal that runs twice, as in [mvn package install], has attached it already. */
    private void attach(ProjectPackage signed, Path signature) {
        String type = signed.extension() + ".sig";
        for (Artifact attached : project.getAttachedArtifacts()) {
            if (attached.getType().equals(type)
                    && ProjectPackage.classifier(attached).equals(signed.classifier())) {
                attached.setFile(signature.toFile());
                return;
            }
        }
        helper.attachArtifact(
                project, type, signed.classifier().isEmpty() ? null : signed.classifier(), signature.toFile());
    }
}
