// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.KeyText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.apache.maven.plugin.MojoExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What parameters are read in: environment variables by the names of the command line, and where relative paths begin.
 *
 * @param base the directory of the project
 */
record BuildEnvironment(Map<String, String> variables, Path home, Path base) {

    BuildEnvironment {
        variables = Map.copyOf(variables);
    }

    static BuildEnvironment of(Path base) {
        Map<String, String> variables = System.getenv();
        String home = variables.getOrDefault("HOME", "");
        return new BuildEnvironment(
                variables, Path.of(home.isEmpty() ? System.getProperty("user.home", ".") : home), base);
    }

    /** Null if it is not set or empty. */
    @Nullable
    String variable(String name) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** The directory of the command line's own files. */
    Path ownDirectory() {
        return home.resolve(".cloacina");
    }

    /**
     * A file that a parameter names.
     *
     * @throws MojoExecutionException if it is no path; one that is the text of a key is not repeated
     */
    Path path(String parameter, String text) throws MojoExecutionException {
        if (text.isBlank()) {
            throw new MojoExecutionException("<" + parameter + "> is empty: it is to name a file");
        }
        String expanded = text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text;
        if (GivenFile.isKey(expanded)) {
            throw new MojoExecutionException("<" + parameter + ">: " + GivenFile.KEY_GIVEN
                    + " (POM, log, list of processes): make a new one, put it into a file with mode 0600, and name that"
                    + " file");
        }
        try {
            return base.resolve(expanded).normalize();
        } catch (InvalidPathException e) {
            throw new MojoExecutionException("<" + parameter + "> is not a path: " + e.getReason(), e);
        }
    }

    /** {@code text} whose file, behind one of the prefixes, is made absolute; as it is if it has none of them. */
    String withFile(String parameter, String text, String... prefixes) throws MojoExecutionException {
        for (String prefix : prefixes) {
            if (text.startsWith(prefix)) {
                return prefix + path(parameter, text.substring(prefix.length()));
            }
        }
        return text;
    }

    /**
     * The organisation that is given, or that of the environment; null if there is none.
     *
     * @throws MojoExecutionException if it is no UUID
     */
    @Nullable
    UUID organisation(@Nullable String given) throws MojoExecutionException {
        String text = given;
        for (String name : new String[] {"CLOACINA_ORG_ID", "CLOACINA_VERIFICATION_ORG_ID"}) {
            text = text == null ? variable(name) : text;
        }
        if (text == null) {
            return null;
        }
        // UUID.fromString also takes shortened groups such as 1-1-1-1-1.
        if (!text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
            throw new MojoExecutionException("the organisation [" + KeyText.shown(text)
                    + "] is no UUID such as 123e4567-e89b-12d3-a456-426614174000");
        }
        return UUID.fromString(text);
    }
}
