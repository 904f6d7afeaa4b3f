// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something is about to be loaded.
 *
 * @param kind what it is
 * @param file what to read; null if the bytes are not in a file
 * @param signatureFile where its detached signature would be; null if there can be none
 * @param packagePath how events name it: the absolute path of the file where there is one, else the URL as the host
 *     gave it; for a class, the package it came from
 * @param hook the entry point through which it came, as the agent's table of hooks names it
 * @param classLoader a description of the loader that asked, or null where none is known
 */
public record Load(
        Kind kind,
        @Nullable Path file,
        @Nullable Path signatureFile,
        String packagePath,
        String hook,
        @Nullable String classLoader) {

    /** What is loaded; the {@code kind} of events. */
    public enum Kind {
        JAR,
        DIRECTORY,
        NATIVE,
        CLASS,
        AGENT;

        /** The word for it in events. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Load {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(packagePath);
        Objects.requireNonNull(hook);
    }

    /** A file or directory where its host keeps it, with its detached signature beside it. */
    public static Load ofFile(Kind kind, Path file, String hook, @Nullable String classLoader) {
        Path absolute = file.toAbsolutePath();
        Path signature = absolute.getFileName() == null ? null : DetachedSignature.pathFor(absolute);
        return new Load(kind, absolute, signature, absolute.toString(), hook, classLoader);
    }

    /** Something that came from elsewhere and has no file of its own that a signature could lie beside. */
    public static Load ofUrl(
            Kind kind, @Nullable Path downloaded, String url, String hook, @Nullable String classLoader) {
        return new Load(kind, downloaded, null, url, hook, classLoader);
    }
}
