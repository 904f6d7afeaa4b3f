// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.SecurityConfig;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.sign.KeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.jspecify.annotations.Nullable;

/** The parameters that both goals have, and what they name. */
abstract class GuardMojo extends AbstractMojo {

    final MavenProject project;
    final MavenSession session;
    final BuildEnvironment environment;
    private final MojoExecution execution;
    private final SettingsDecrypter decrypter;

    /**
     * The trust store: {@code sqlite://PATH}, {@code postgres://host:port/database} and the other forms of the command
     * line, without a password. If it is not given: the environment variable {@code CLOACINA_DATABASE_URL}, which may
     * hold one, else {@code ~/.cloacina/trust.db}.
     */
    @Parameter(property = "cloacina-guard.store")
    private @Nullable String store;

    /** The {@code id} of the {@code <server>} in {@code settings.xml} that has user and password of the store. */
    @Parameter(property = "cloacina-guard.storeServer")
    private @Nullable String storeServer;

    /**
     * Whose keys and whose trust: a UUID. If it is not given: the environment variable {@code CLOACINA_ORG_ID}, else
     * {@code CLOACINA_VERIFICATION_ORG_ID}.
     */
    @Parameter(property = "cloacina-guard.organisation")
    private @Nullable String organisation;

    /**
     * Where events go, as for the command line: {@code file:PATH}, {@code stderr} and others, separated by commas. If it
     * is not given: the environment variable {@code CLOACINA_AUDIT}, else {@code file:~/.cloacina/audit.jsonl}.
     */
    @Parameter(property = "cloacina-guard.audit")
    private @Nullable String audit;

    GuardMojo(MavenProject project, MavenSession session, MojoExecution execution, SettingsDecrypter decrypter) {
        this.project = project;
        this.session = session;
        this.execution = execution;
        this.decrypter = decrypter;
        this.environment = BuildEnvironment.of(
                project.getBasedir() == null
                        ? Path.of("").toAbsolutePath()
                        : project.getBasedir().toPath());
    }

    abstract boolean isSkipped();

    abstract void run() throws GuardException, IOException, MojoExecutionException, MojoFailureException;

    @Override
    public final void execute() throws MojoExecutionException, MojoFailureException {
        KnownProperties.require(
                KnownProperties.of(execution.getMojoDescriptor().getPluginDescriptor()),
                session.getUserProperties(),
                project.getProperties());
        if (isSkipped()) {
            getLog().info("skipped");
            return;
        }
        try {
            run();
        } catch (KeyException e) {
            String candidates = e.candidates().isEmpty() ? "" : ": " + String.join("; ", e.candidates());
            throw new MojoExecutionException(Printable.of(e.getMessage() + candidates), e);
        } catch (GuardException e) {
            throw new MojoExecutionException(Printable.of(String.valueOf(e.getMessage())), e);
        } catch (IOException e) {
            throw new MojoExecutionException("the audit log cannot be closed: " + GivenFile.reason(e), e);
        }
    }

    final @Nullable UUID organisationIfAny() throws MojoExecutionException {
        return environment.organisation(organisation);
    }

    /** Whether parameters, and not only the environment, say which store is used. */
    final boolean isStoreNamed() {
        return store != null || storeServer != null;
    }

    /** The store, and whose trust in it counts. */
    final SecurityConfig.Builder storeConfig(AuditLog log) throws MojoExecutionException {
        UUID org = organisationIfAny();
        if (org == null) {
            throw new MojoExecutionException("no organisation is given: name it with <organisation> or"
                    + " -Dcloacina-guard.organisation=UUID, or set CLOACINA_ORG_ID");
        }
        Server server = storeServer == null ? null : StoreAddress.server(session, decrypter, storeServer);
        String address = StoreAddress.of(environment, store, server);
        try {
            return SecurityConfig.builder().store(address).organisation(org).audit(log);
        } catch (IllegalArgumentException e) {
            throw new MojoExecutionException("<store>: " + e.getMessage(), e);
        }
    }

    /** Opened before anything is done, so that nothing is done that cannot be recorded. */
    final AuditLog openAudit() throws MojoExecutionException {
        List<String> sinks = auditSinks();
        try {
            return AuditLog.open(
                    Clock.systemUTC(),
                    sinks,
                    GuardConfig.readAuditSettings(environment.variables())
                            .ofUser(System.getProperty("user.name", "unknown")),
                    organisationIfAny(),
                    null,
                    false);
        } catch (ConfigException e) {
            throw new MojoExecutionException(e.getMessage() + "; nothing was done", e);
        } catch (IOException e) {
            throw new MojoExecutionException(
                    "events cannot be written to [" + String.join(",", sinks) + "]: " + GivenFile.reason(e)
                            + "; nothing was done",
                    e);
        }
    }

    private List<String> auditSinks() throws MojoExecutionException {
        String given = audit == null ? environment.variable("CLOACINA_AUDIT") : audit;
        if (given == null) {
            try {
                Files.createDirectories(environment.ownDirectory());
            } catch (IOException e) {
                throw new MojoExecutionException(
                        "[" + environment.ownDirectory() + "] cannot be made: " + GivenFile.reason(e), e);
            }
            return List.of("file:" + environment.ownDirectory().resolve("audit.jsonl"));
        }
        List<String> sinks = new ArrayList<>();
        for (String name : given.split(",", -1)) {
            try {
                sinks.add(environment.withFile("audit", AuditSinks.requireName(name.strip()), "file:", "logback:"));
            } catch (IllegalArgumentException e) {
                throw new MojoExecutionException("<audit>: " + KeyText.shown(e.getMessage()), e);
            }
        }
        return sinks;
    }
}
