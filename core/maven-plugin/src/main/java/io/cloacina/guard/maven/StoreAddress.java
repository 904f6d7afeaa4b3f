// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.KeyText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.jspecify.annotations.Nullable;

/**
 * The address of the trust store: the parameter, else {@code CLOACINA_DATABASE_URL}, else the command line's own file; with
 * user and password of a server of {@code settings.xml}, if one is named.
 */
final class StoreAddress {

    private static final String VARIABLE = "CLOACINA_DATABASE_URL";

    private static final Pattern PASSWORD =
            Pattern.compile("//[^/?]*:[^/?]*@|[?&](ssl)?password=", Pattern.CASE_INSENSITIVE);

    private static final String[] SQLITE = {"jdbc:sqlite://", "jdbc:sqlite:", "sqlite://"};

    private StoreAddress() {}

    /**
     * @param given the parameter {@code store}
     * @param server with its password as it is, not encrypted
     * @return never to be shown: it may hold a password
     * @throws MojoExecutionException if a password stands in {@code given}, or a server is named for an SQLite file
     */
    static String of(BuildEnvironment environment, @Nullable String given, @Nullable Server server)
            throws MojoExecutionException {
        if (given != null && PASSWORD.matcher(given).find()) {
            throw new MojoExecutionException("<store> holds a password, which must be considered exposed: a POM is"
                    + " published, and others can read a command line. Name a <server> of settings.xml with"
                    + " <storeServer>, or put the address into the environment variable " + VARIABLE);
        }
        String text = given == null ? environment.variable(VARIABLE) : given;
        String address = text == null
                ? "sqlite://" + environment.ownDirectory().resolve("trust.db")
                : environment.withFile("store", text.strip(), SQLITE);
        return server == null ? address : withCredentials(address, server);
    }

    private static String withCredentials(String address, Server server) throws MojoExecutionException {
        if (address.toLowerCase(Locale.ROOT).contains("sqlite:")) {
            throw new MojoExecutionException("<storeServer> is [" + KeyText.shown(server.getId())
                    + "], but the store is an SQLite file, which has no password");
        }
        StringBuilder all = new StringBuilder(address);
        append(all, "user", server.getUsername());
        append(all, "password", server.getPassword());
        return all.toString();
    }

    private static void append(StringBuilder address, String name, @Nullable String value) {
        if (value != null) {
            address.append(address.indexOf("?") < 0 ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    /**
     * A server of {@code settings.xml}, decrypted.
     *
     * @throws MojoExecutionException if there is none with this id, or its password cannot be decrypted
     */
    static Server server(MavenSession session, SettingsDecrypter decrypter, String id) throws MojoExecutionException {
        Server server = session.getSettings().getServer(id);
        if (server == null) {
            throw new MojoExecutionException(
                    "<storeServer>: settings.xml has no <server> with the <id> [" + KeyText.shown(id) + "]");
        }
        SettingsDecryptionResult result = decrypter.decrypt(new DefaultSettingsDecryptionRequest(server));
        for (SettingsProblem problem : result.getProblems()) {
            if (problem.getSeverity() != SettingsProblem.Severity.WARNING) {
                throw new MojoExecutionException("<storeServer>: the password of the <server> [" + KeyText.shown(id)
                        + "] cannot be decrypted: " + KeyText.shown(problem.getMessage()));
            }
        }
        return result.getServer();
    }
}
