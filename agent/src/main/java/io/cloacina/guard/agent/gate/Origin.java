// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.net.URL;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a class claims to come from, read off the URL of its code source.
 *
 * @param url as the loader gave it
 * @param file the package's file or folder; null if the URL names none that is there
 */
record Origin(String url, File file) {

    static Origin of(URL location) {
        String url = text(location);
        return new Origin(url, file(url));
    }

    /** A URL as text, from its parts: {@code toExternalForm} asks its handler, which an application may have written. */
    static String text(URL url) {
        String authority = url.getAuthority();
        return url.getProtocol() + ":" + (authority == null || authority.isEmpty() ? "" : "//" + authority)
                + url.getFile();
    }

    /** The outermost file of {@code file:…}, {@code jar:file:…!/…} and {@code jar:nested:…/!…}. */
    private static File file(String url) {
        String rest = url;
        while (rest.startsWith("jar:") || rest.startsWith("nested:")) {
            rest = rest.substring(rest.indexOf(':') + 1);
        }
        boolean nested = rest.length() != url.length();
        if (rest.startsWith("file:")) {
            rest = rest.substring("file:".length());
        } else if (!nested || !rest.startsWith("/")) {
            return null;
        }
        File whole = existing(rest);
        if (whole != null) {
            return whole;
        }
        // A "!" may be part of a name, so the shortest outer name that is there counts.
        for (int bang = rest.indexOf('!'); nested && bang > 0; bang = rest.indexOf('!', bang + 1)) {
            String outer = rest.substring(0, bang);
            File file = existing(outer.endsWith("/") ? outer.substring(0, outer.length() - 1) : outer);
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    /**
     * Whether the URL names a file below a folder of the root directory that there is none of, as that of a class does
     * which a script engine has compiled in memory ({@code file:/groovy/script}). It never was a file. One that is only
     * missing may have been read and then deleted.
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

    private static File existing(String path) {
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
