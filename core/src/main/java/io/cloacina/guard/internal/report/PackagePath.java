// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a package's path shows by itself: its one spelling, and whether it will be there again after a restart. */
final class PackagePath {

    private static final List<String> TEMPORARY_ROOTS = temporaryRoots();
    private static final Set<String> TEMPORARY_NAMES = Set.of("tmp", "temp");

    private static final String UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    /** Random wherever it stands: a UUID, or 16 hexadecimal digits and more with a letter among them. */
    private static final Pattern RANDOM =
            Pattern.compile(UUID + "|(?<![0-9A-Za-z])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{16,}(?![0-9A-Za-z])");

    private static final int DIGITS_OF_RANDOM = 8;

    /**
     * Random in a temporary directory: five digits and more as the JDK makes, hexadecimal digits, what mktemp makes.
     */
    private static final Pattern RANDOM_IN_TEMPORARY = Pattern.compile(UUID + "|[0-9]{5,}|(?<=/tmp\\.)[0-9A-Za-z]{6,}"
            + "|(?<![0-9A-Za-z])(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}(?![0-9A-Za-z])");

    /** Where Felix and Equinox keep the bundles that they have installed, and WildFly what it has deployed. */
    private static final Pattern HOST_COPY = Pattern.compile("/bundle[0-9]+/version[0-9.]+/(?:bundle|revision)\\.jar$"
            + "|/org\\.eclipse\\.osgi/[0-9]+/[0-9]+/bundleFile$|/data/content/[0-9a-f]{2}/[0-9a-f]{38}/content$");

    private PackagePath() {}

    private static List<String> temporaryRoots() {
        String own = System.getProperty("java.io.tmpdir", "/tmp");
        return List.of(own.endsWith("/") ? own : own + "/", "/tmp/", "/var/tmp/", "/private/var/folders/", "/dev/shm/");
    }

    /**
     * The path without {@code //}, {@code .}, {@code ..} and a slash at its end; what is no absolute path of a POSIX
     * system stays as it is. Behind a link {@code ..} leads elsewhere than it seems: if only the path as it was given
     * is on this machine, it keeps its dots.
     */
    static String normalised(String path) {
        if (!path.startsWith("/") || !(path + "/").contains("//") && !(path + "/").contains("/.")) {
            return path;
        }
        Deque<String> names = new ArrayDeque<>();
        boolean up = false;
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                up = true;
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        String normal = "/" + String.join("/", names);
        return up && exists(path) && !exists(normal) ? path : normal;
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Whether another start of the host may well have another path for the same content. */
    static boolean isTemporary(String path) {
        return temporaryFrom(path) >= 0
                || path.startsWith("/")
                        && mayHaveRandom(path)
                        && RANDOM.matcher(path).find();
    }

    /** Whether so many hexadecimal digits stand in a row as all that is {@link #RANDOM} has; most paths have not. */
    private static boolean mayHaveRandom(String path) {
        int digits = 0;
        for (int i = 0; i < path.length() && digits < DIGITS_OF_RANDOM; i++) {
            char c = path.charAt(i);
            boolean digit = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
            digits = digit ? digits + 1 : 0;
        }
        return digits == DIGITS_OF_RANDOM;
    }

    /** Whether it is a host's own copy of what was deployed to it, which it may make anew under another name. */
    static boolean isHostCopy(String path) {
        return HOST_COPY.matcher(path).find();
    }

    /** Where in the path what lies in a temporary directory begins; -1 if it lies in none. */
    private static int temporaryFrom(String path) {
        for (String root : TEMPORARY_ROOTS) {
            if (path.startsWith(root)) {
                return root.length();
            }
        }
        if (!path.startsWith("/")) {
            return -1;
        }
        int from = 1;
        while (true) {
            int end = path.indexOf('/', from);
            if (end < 0) {
                return -1;
            }
            if (TEMPORARY_NAMES.contains(path.substring(from, end))) {
                return end + 1;
            }
            from = end + 1;
        }
    }

    /** A glob for {@code cloacina.exempt} that fits this path, whatever its random parts are the next time. */
    static String glob(String path) {
        int from = temporaryFrom(path);
        if (from < 0 && !mayHaveRandom(path)) {
            return exactGlob(path);
        }
        Pattern random = from < 0 ? RANDOM : RANDOM_IN_TEMPORARY;
        int start = Math.max(0, from);
        Matcher matcher = random.matcher(path);
        StringBuilder glob = new StringBuilder();
        int done = 0;
        while (matcher.find()) {
            if (matcher.start() >= start) {
                escape(glob, path, done, matcher.start());
                glob.append('*');
                done = matcher.end();
            }
        }
        escape(glob, path, done, path.length());
        return glob.toString();
    }

    private static void escape(StringBuilder glob, String path, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = path.charAt(i);
            if (c == ',' || i == path.length() - 1 && Character.isWhitespace(c)) {
                // The setting is a list with commas, whose parts are stripped.
                glob.append('?');
            } else {
                glob.append("*?[]{}\\".indexOf(c) >= 0 ? "\\" : "").append(c);
            }
        }
    }

    /** A glob that fits this path and no other of its length. */
    static String exactGlob(String path) {
        StringBuilder glob = new StringBuilder();
        escape(glob, path, 0, path.length());
        return glob.toString();
    }

    /** The directory, without a slash at its end; empty for what has none. */
    static String directory(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whether the path is that of {@code directory} or of something in it. */
    static boolean isIn(String path, String directory) {
        return path.startsWith(directory)
                && (path.length() == directory.length() || path.charAt(directory.length()) == '/');
    }

    /**
     * What packages that replace each other have in common: the file's name, also of a Maven coordinate
     * ({@code mvn:group/artifact/version}), without what is random in it.
     */
    static String twinName(String path) {
        String trimmed = path.endsWith("!/") ? path.substring(0, path.length() - 2) : path;
        if (trimmed.startsWith("mvn:")) {
            String[] parts = trimmed.substring("mvn:".length()).split("/", -1);
            if (parts.length >= 3) {
                return parts[1] + "-" + parts[2] + ".jar";
            }
        }
        String directory = isTemporary(trimmed) ? "/tmp/" : "/";
        return name(glob(directory + name(trimmed)));
    }
}
