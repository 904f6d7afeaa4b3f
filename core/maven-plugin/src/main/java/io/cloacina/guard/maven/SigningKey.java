// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.util.ArrayList;
import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;
import org.jspecify.annotations.Nullable;

/** What signs, as it was asked for: one of three. */
enum SigningKey {
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
    static SigningKey of(
            @Nullable String key,
            @Nullable String privateKeyFile,
            @Nullable String signerCommand,
            @Nullable String publicKeyFile)
            throws MojoExecutionException {
        List<String> given = new ArrayList<>();
        List<SigningKey> kinds = new ArrayList<>();
        add(key, "<key>", STORED, given, kinds);
        add(privateKeyFile, "<privateKeyFile>", FILE, given, kinds);
        add(signerCommand, "<signerCommand>", COMMAND, given, kinds);
        if (kinds.isEmpty()) {
            throw new MojoExecutionException("no key to sign with is given: name one with <key> (of a trust store),"
                    + " <privateKeyFile> (PEM) or <signerCommand>, or by -Dcloacina-guard.sign.key and so on");
        }
        if (kinds.size() > 1) {
            throw new MojoExecutionException(
                    "several keys to sign with are given, by " + String.join(" and ", given) + ": name one");
        }
        if ((kinds.get(0) == COMMAND) != (publicKeyFile != null)) {
            throw new MojoExecutionException("<signerCommand> and <publicKeyFile> go together: the public key is the"
                    + " one that the program signs with");
        }
        return kinds.get(0);
    }

    private static void add(
            @Nullable String value, String name, SigningKey kind, List<String> given, List<SigningKey> kinds) {
        if (value != null) {
            given.add(name);
            kinds.add(kind);
        }
    }
}
