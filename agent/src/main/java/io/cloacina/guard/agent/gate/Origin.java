// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.net.URL;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a class claims to come from, read off the URL of its code source.
 *
 * @param url as the loader gave it
 * @param file the package's file or directory; null if the URL names none that is there
 */
record Origin(String url, @Nullable File file) {

    /** What stands before the URL of the archive around. */
    private static final String[] NESTING = {"jar:", "nested:", "war:", "zip:", "wsjar:"};

    /** What stands behind it. */
    private static final String SEPARATORS = "!*^";

    static Origin of(URL location) {
        String url = text(location);
        return new Origin(url, file(url));
    }

    /**
     * A URL as text, from its parts: {@code toExternalForm} asks its handler, which an application may have written.
     */
    static String text(URL url) {
        String authority = url.getAuthority();
        return url.getProtocol() + ":" + (authority == null || authority.isEmpty() ? "" : "//" + authority)
                + url.getFile();
    }

    /**
     * The outermost file of {@code file:…}, {@code jar:file:…!/…}, {@code jar:nested:…/!…}, {@code war:file:…*…}
     * (Tomcat, which also separates by {@code ^}), {@code zip:…!/…} and {@code wsjar:file:…!/…}; and of {@code vfs:…},
     * if the file system has the beginning of its path as a file. JBoss's names are of its own file system, whose root
     * may be the real one.
     */
    private static @Nullable File file(String url) {
        String rest = url;
        boolean nested = false;
        for (String prefix = prefix(rest); prefix != null; prefix = prefix(rest)) {
            rest = rest.substring(prefix.length());
            nested = true;
        }
        if (rest.startsWith("vfs:/")) {
            return beginning(rest.substring("vfs:".length()));
        }
        if (rest.startsWith("file:")) {
            rest = rest.substring("file:".length());
        } else if (!nested || !rest.startsWith("/")) {
            return null;
        }
        File whole = existing(rest);
        return whole != null || !nested ? whole : outer(rest);
    }

    private static @Nullable String prefix(String url) {
        for (String prefix : NESTING) {
            if (url.startsWith(prefix)) {
                return prefix;
            }
        }
        return null;
    }

    /** A separator may be part of a name, so the shortest outer name that is there counts. */
    private static @Nullable File outer(String path) {
        for (int at = 1; at < path.length(); at++) {
            if (SEPARATORS.indexOf(path.charAt(at)) >= 0) {
                String outer = path.substring(0, at);
                File file = existing(outer.endsWith("/") ? outer.substring(0, outer.length() - 1) : outer);
                if (file != null && (path.charAt(at) == '!' || file.isFile())) {
                    return file;
                }
            }
        }
        return null;
    }

    private static @Nullable File beginning(String path) {
        File whole = existing(path);
        if (whole != null) {
            return whole;
        }
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            File file = existing(path.substring(0, slash));
            if (file == null) {
                return null;
            }
            if (file.isFile()) {
                return file;
            }
        }
        return null;
    }

    /**
     * Whether the URL names a file below a directory of the root directory that there is none of, as that of a class
     * does which a script engine has compiled in memory ({@code file:/groovy/script}). It never was a file. One that is
     * only missing may have been read and then deleted.
     */
    boolean isMadeUp() {
        if (file != null || !url.startsWith("file:/") || url.startsWith("file://")) {
            return false;
        }
        int end = url.indexOf('/', "file:/".length());
        return end > 0
                && url.indexOf('%') < 0
                && !url.contains("/.")
                && !new File(url.substring("file:".length(), end)).exists();
    }

    private static @Nullable File existing(String path) {
        String local =
                path.startsWith("//") ? path.substring(path.indexOf('/', 2) < 0 ? 2 : path.indexOf('/', 2)) : path;
        String decoded;
        try {
            // The decoder is one for forms: there a plus is a blank, in a file URL it is itself.
            decoded = URLDecoder.decode(local.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            decoded = local;
        }
        if (decoded.indexOf('\0') >= 0) {
            return null;
        }
        File file = new File(decoded);
        return file.isAbsolute() && file.exists() ? file : null;
    }
}
