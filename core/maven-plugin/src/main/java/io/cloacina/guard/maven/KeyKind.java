// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.util.ArrayList;
import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;
import org.jspecify.annotations.Nullable;

/** What signs, as it was asked for: one of three. */
enum KeyKind {
    /** A key of the store. */
    STORED,
    /** A private key in a file. */
    FILE,
    /** A program that has the key. */
    COMMAND;

    /**
     * @param key the parameter {@code key}, and so on
     * @throws MojoExecutionException if none or several are asked for, or one half of one
     */
    static KeyKind of(
            @Nullable String key,
            @Nullable String privateKeyFile,
            @Nullable String signerCommand,
            @Nullable String publicKeyFile)
            throws MojoExecutionException {
        List<String> given = new ArrayList<>();
        if (key != null && signerCommand == null) {
            given.add("<key>");
        }
        if (privateKeyFile != null) {
            given.add("<privateKeyFile>");
        }
        if (signerCommand != null) {
            given.add("<signerCommand>");
        }
        if (given.isEmpty()) {
            throw new MojoExecutionException("no key to sign with is given: name one with <key> (of a trust store),"
                    + " <privateKeyFile> (PEM) or <signerCommand>, or by -Dcloacina-guard.sign.key and so on");
        }
        if (given.size() > 1) {
            throw new MojoExecutionException(
                    "several keys to sign with are given, by " + String.join(" and ", given) + ": name one");
        }
        if (signerCommand == null) {
            if (publicKeyFile != null) {
                throw new MojoExecutionException("<publicKeyFile> is of the key that <signerCommand> signs with");
            }
            return key == null ? FILE : STORED;
        }
        if ((key == null) == (publicKeyFile == null)) {
            throw new MojoExecutionException(
                    "<signerCommand> needs the public half of its key, to check the signatures:"
                            + " either <publicKeyFile>, or <key> of one that was imported with --public-only");
        }
        return COMMAND;
    }
}
