package io.cloacina.guard;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * Something is about to be loaded.
 *
 * @param kind what it is
 * @param file the file or folder; null where there is none (a class, something read from the network)
 * @param packagePath how events name it: the absolute path of the file where there is one, else the URL as the host
 *     gave it; for a class, the package it came from
 * @param hook the way in through which it came, as the agent's table of hooks names it
 * @param classLoader a description of the loader that asked, or null where none is known
 */
public record Load(Kind kind, Path file, String packagePath, String hook, String classLoader) {

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
}
