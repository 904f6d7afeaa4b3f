// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.PackageSecurity;
import io.cloacina.guard.Verification;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.eclipse.aether.RepositorySystem;
import org.jspecify.annotations.Nullable;

/**
 * Fails the build if a package that the project has made, or with {@code scope} a dependency, is not what a trusted key has
 * signed. Whose signatures count say {@code publicKeys}, or the trust in a store.
 */
@Mojo(
        name = "verify",
        defaultPhase = LifecyclePhase.VERIFY,
        requiresDependencyResolution = ResolutionScope.TEST,
        threadSafe = true)
public final class VerifyMojo extends GuardMojo {

    private static final int MOST_SIGNERS = 9;

    private final RepositorySystem repositories;

    /** Verifies nothing. */
    @Parameter(property = "cloacina-guard.verify.skip", defaultValue = "false")
    private boolean skip;

    /** Files with the public keys (PEM) that are trusted, or directories of such {@code *.pem}. No store is asked. */
    @Parameter(property = "cloacina-guard.verify.publicKeys")
    private List<String> publicKeys = List.of();

    /** Whether the packages that the project has made are verified. */
    @Parameter(property = "cloacina-guard.verify.artifacts", defaultValue = "true")
    private boolean artifacts = true;

    /** Only these of them, in the form that {@code includes} of the goal {@code sign} has. */
    @Parameter(property = "cloacina-guard.verify.artifactIncludes")
    private List<String> artifactIncludes = List.of();

    /** Which of them are not verified, in the same form: what the goal {@code sign} leaves out. */
    @Parameter(property = "cloacina-guard.verify.artifactExcludes")
    private List<String> artifactExcludes = List.of();

    /**
     * Which dependencies are verified, too: those of the class path {@code compile}, {@code runtime} or {@code test}, or
     * of the scope {@code provided} or {@code system}. None, if it is not given.
     */
    @Parameter(property = "cloacina-guard.verify.scope")
    private @Nullable String scope;

    /**
     * Only these dependencies: {@code GROUP} or {@code GROUP:ARTIFACT}; {@code *} stands for anything. All, if none is
     * given.
     */
    @Parameter(property = "cloacina-guard.verify.includes")
    private List<String> includes = List.of();

    /** Which of those are not verified, in the same form. */
    @Parameter(property = "cloacina-guard.verify.excludes")
    private List<String> excludes = List.of();

    /** By how many different trusted keys each package must be signed, 1 to 9. */
    @Parameter(property = "cloacina-guard.verify.requiredSigners", defaultValue = "1")
    private int requiredSigners = 1;

    @Inject
    VerifyMojo(
            MavenProject project,
            MavenSession session,
            MojoExecution execution,
            SettingsDecrypter decrypter,
            RepositorySystem repositories) {
        super(project, session, execution, decrypter);
        this.repositories = repositories;
    }

    @Override
    boolean isSkipped() {
        return skip;
    }

    @Override
    void run() throws GuardException, IOException, MojoExecutionException, MojoFailureException {
        requireSense();
        List<ProjectPackage> own = artifacts
                ? PackageSelection.toVerify(artifactIncludes, artifactExcludes).of(project, getLog())
                : List.of();
        List<ProjectPackage> dependencies =
                scope == null ? List.of() : new DependencySelection(scope, includes, excludes).of(project, getLog());
        if (own.isEmpty() && dependencies.isEmpty()) {
            getLog().info("nothing to verify: packaging is [" + project.getPackaging() + "]"
                    + (scope == null ? ", and no <scope> is given" : ", and no dependency is selected"));
            return;
        }
        try (AuditLog audit = openAudit()) {
            if (!publicKeys.isEmpty()) {
                verify(own, dependencies, Verification.offline(keys()).auditedBy(audit, organisationIfAny()));
                return;
            }
            try (PackageSecurity security =
                    PackageSecurity.open(storeConfig(audit).build())) {
                verify(own, dependencies, security.verification());
            }
        }
    }

    private void requireSense() throws MojoExecutionException {
        if (!publicKeys.isEmpty() && isStoreNamed()) {
            throw new MojoExecutionException(
                    "<publicKeys> and a <store> are given, which say both whose signatures" + " count: name one");
        }
        if (!artifacts && scope == null) {
            throw new MojoExecutionException(
                    "with <artifacts>false</artifacts> and no <scope> nothing is verified;" + " <skip> says so");
        }
        if (!artifacts && !(artifactIncludes.isEmpty() && artifactExcludes.isEmpty())) {
            throw new MojoExecutionException(
                    "<artifactIncludes> and <artifactExcludes> are of the project's own packages,"
                            + " and with <artifacts>false</artifacts> none is verified");
        }
        if (scope == null && !(includes.isEmpty() && excludes.isEmpty())) {
            throw new MojoExecutionException("<includes> and <excludes> are of dependencies, which <scope> selects");
        }
        if (requiredSigners < 1 || requiredSigners > MOST_SIGNERS) {
            throw new MojoExecutionException(
                    "<requiredSigners> is a number from 1 to 9, not [" + requiredSigners + "]");
        }
    }

    private Ed25519PublicKey[] keys() throws GuardException, MojoExecutionException {
        List<Ed25519PublicKey> keys = new ArrayList<>();
        for (String name : publicKeys) {
            Path path = environment.path("publicKeys", String.valueOf(name));
            for (Path file : Files.isDirectory(path) ? pemFiles(path) : List.of(path)) {
                keys.add(KeyFiles.readPublicKey(file));
            }
        }
        requireEnough(requiredSigners, keys);
        return keys.toArray(new Ed25519PublicKey[0]);
    }

    /** @throws MojoExecutionException if fewer keys are given than must have signed; one that is given twice is one */
    static void requireEnough(int signers, List<Ed25519PublicKey> keys) throws MojoExecutionException {
        long different =
                keys.stream().map(Ed25519PublicKey::fingerprint).distinct().count();
        if (different < signers) {
            throw new MojoExecutionException(
                    "[" + signers + "] signers are required, but only [" + different + "] keys are given");
        }
    }

    private static List<Path> pemFiles(Path directory) throws MojoExecutionException {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> files = entries.filter(file -> file.toString().endsWith(".pem"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new MojoExecutionException("<publicKeys>: the directory [" + directory + "] has no file *.pem");
            }
            return files;
        } catch (IOException e) {
            throw new MojoExecutionException("<publicKeys>: the directory [" + directory + "] cannot be read", e);
        }
    }

    private void verify(List<ProjectPackage> own, List<ProjectPackage> dependencies, Verification by)
            throws GuardException, MojoFailureException {
        Verification verification = by.requiringSigners(requiredSigners);
        List<String> refused = new ArrayList<>();
        VerifyRemedy ownRemedy = new VerifyRemedy(!publicKeys.isEmpty(), true);
        for (ProjectPackage one : own) {
            judge(one, verification.verify(one.file()), null, ownRemedy, refused);
        }
        VerifyRemedy remedy = new VerifyRemedy(!publicKeys.isEmpty(), false);
        Map<ProjectPackage, SignatureLookup.Found> signatures =
                new SignatureLookup(repositories, session, project).of(dependencies);
        for (ProjectPackage one : dependencies) {
            SignatureLookup.Found found = signatures.getOrDefault(one, new SignatureLookup.Found(null, null));
            Path signature = found.file() == null ? DetachedSignature.pathFor(one.file()) : found.file();
            judge(one, verification.verify(one.file(), signature), found.trouble(), remedy, refused);
        }
        int all = own.size() + dependencies.size();
        if (!refused.isEmpty()) {
            throw new MojoFailureException("[" + refused.size() + "] of [" + all
                    + "] packages are not signed as they must be: " + String.join(", ", refused));
        }
        getLog().info("[" + all + "] packages are signed by trusted keys");
    }

    private void judge(
            ProjectPackage one, Verdict verdict, @Nullable String trouble, VerifyRemedy remedy, List<String> refused) {
        if (verdict instanceof Verdict.Verified good) {
            String name = good.signerName() == null ? "" : good.signerName() + ", ";
            getLog().debug(Printable.of(one.name() + ": verified, signed by " + name + "key " + good.signer()));
            return;
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        refused.add(Printable.of(one.name() + " (" + bad.reason().code() + ")"));
        getLog().error(Printable.of(one.name() + " in [" + one.file() + "]: REFUSED, "
                + bad.reason().code() + ": " + bad.error() + (trouble == null ? "" : "; " + trouble)));
        getLog().error(Printable.of("    " + remedy.of(one, bad)));
    }
}
