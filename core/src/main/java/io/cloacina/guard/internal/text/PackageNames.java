// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.util.Locale;
import java.util.Set;

/** Which files of a directory are packages: what JVMs and their hosts load as a whole, by the end of its name. */
public final class PackageNames {

    private static final Set<String> SUFFIXES = Set.of(
            "jar", "war", "ear", "rar", "hpi", "jpi", "nar", "kar", "zip", "so", "dylib", "dll", "jnilib", "cloacina");

    /** How people are told of them. */
    public static final String IN_WORDS =
            ".jar, .war, .ear, .rar, .hpi, .jpi, .nar, .kar, .zip, .so, .so.N, .dylib, .dll,"
                    + " .jnilib and .cloacina";

    private PackageNames() {}

    /** @param path or only its last name; upper and lower case are the same */
    public static boolean isPackage(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return false;
        }
        if (SUFFIXES.contains(name.substring(dot + 1))) {
            return true;
        }
        int library = name.indexOf(".so.");
        return library >= 0 && name.substring(library + ".so".length()).matches("(?:\\.[0-9]+)+");
    }

    /** Whether it is a library that the operating system links, and so no archive. */
    public static boolean isNativeLibrary(String path) {
        String name = path.toLowerCase(Locale.ROOT);
        return name.endsWith(".dylib")
                || name.endsWith(".dll")
                || name.endsWith(".jnilib")
                || name.matches("(?s).*\\.so(?:\\.[0-9]+)*");
    }
}
