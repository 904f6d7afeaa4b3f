// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * A glob over paths, with the meaning that {@link java.nio.file.FileSystem#getPathMatcher} gives it. The JDK makes
 * a regular expression of it, whose time grows with a power of the path's length for every {@code **}; here the time is at
 * most the length of the glob times the length of the path.
 *
 * <p>The glob becomes a small program, all of whose states are followed at once (Thompson's construction). Safe for use by
 * many threads.
 */
public final class PathGlob {

    /** The end of a glob that means all that a directory holds, at any depth. */
    private static final String IN_DIRECTORY = "/**";

    private static final int END_OF_GLOB = -1;

    // What a step of the program does. Those before FORK take one character.
    private static final int LITERAL = 0;
    private static final int IN_NAME = 1;
    private static final int ANY = 2;
    private static final int CLASS = 3;
    private static final int FORK = 4;
    private static final int JUMP = 5;
    private static final int END = 6;

    private final String glob;
    private final boolean dos;
    private final char separator;
    private final List<CharacterClass> classes = new ArrayList<>();
    private int[] steps = new int[32];
    private int[] arguments = new int[32];
    private int length;
    private int at;

    /**
     * @param dos whether paths are those of Windows, which have another separator and ignore case
     * @throws PatternSyntaxException if it is no glob
     */
    PathGlob(String glob, boolean dos) {
        this.glob = glob;
        this.dos = dos;
        this.separator = dos ? '\\' : '/';
        compile();
    }

    /** @throws PatternSyntaxException if {@code glob} is none */
    public static void require(String glob) {
        new PathGlob(glob, File.separatorChar == '\\');
    }

    public static boolean anyMatches(List<String> globs, Path path) {
        for (int i = 0; i < globs.size(); i++) {
            if (matches(globs.get(i), path.toString())) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String glob, String path) {
        if (File.separatorChar == '/' && IN_DIRECTORY.length() < glob.length() && glob.endsWith(IN_DIRECTORY)) {
            String directory = glob.substring(0, glob.length() - IN_DIRECTORY.length() + 1);
            if (isLiteral(directory)) {
                return path.startsWith(directory) && !hasLineEnd(path, directory.length());
            }
        }
        return new PathGlob(glob, File.separatorChar == '\\').matches(path);
    }

    /** The stars match no line end, as those of the JDK do not. */
    private static boolean hasLineEnd(String path, int from) {
        for (int i = from; i < path.length(); i++) {
            if (endsLine(path.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLiteral(String glob) {
        for (int i = 0; i < glob.length(); i++) {
            if ("*?[]{}\\".indexOf(glob.charAt(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The characters between brackets. */
    private static final class CharacterClass {
        private final boolean negated;
        private int[] ranges = {};

        CharacterClass(boolean negated) {
            this.negated = negated;
        }

        void add(int from, int to) {
            ranges = Arrays.copyOf(ranges, ranges.length + 2);
            ranges[ranges.length - 2] = from;
            ranges[ranges.length - 1] = to;
        }

        void extendTo(int to) {
            ranges[ranges.length - 1] = to;
        }

        boolean names(int character) {
            for (int i = 0; i < ranges.length; i += 2) {
                if (ranges[i] <= character && character <= ranges[i + 1]) {
                    return true;
                }
            }
            return false;
        }
    }

    private void compile() {
        int fork = -1;
        // Each alternative's jump to the end of the group, linked through its argument until that is known.
        int jumps = -1;
        boolean inGroup = false;
        while (at < glob.length()) {
            int c = next();
            if (c == '\\') {
                if (at == glob.length()) {
                    throw wrong("No character to escape");
                }
                step(LITERAL, next());
            } else if (c == '/') {
                step(LITERAL, separator);
            } else if (c == '[') {
                step(CLASS, classes.size());
                classes.add(characterClass());
            } else if (c == '{') {
                if (inGroup) {
                    throw wrong("Cannot nest groups");
                }
                inGroup = true;
                fork = step(FORK, 0);
                jumps = -1;
            } else if (c == ',' && inGroup) {
                jumps = step(JUMP, jumps);
                arguments[fork] = length;
                fork = step(FORK, 0);
            } else if (c == '}' && inGroup) {
                inGroup = false;
                // The last alternative has none to fork to but itself.
                arguments[fork] = fork + 1;
                while (jumps >= 0) {
                    int before = arguments[jumps];
                    arguments[jumps] = length;
                    jumps = before;
                }
            } else if (c == '*') {
                boolean across = peek() == '*';
                at += across ? 1 : 0;
                int start = step(FORK, length + 3);
                step(across ? ANY : IN_NAME, 0);
                step(JUMP, start);
            } else {
                step(c == '?' ? IN_NAME : LITERAL, c);
            }
        }
        if (inGroup) {
            throw wrong("Missing '}'");
        }
        step(END, 0);
    }

    /** Behind the bracket. There is no way to name a closing bracket, and a backslash is one. */
    private CharacterClass characterClass() {
        boolean negated = peek() == '!';
        at += negated ? 1 : 0;
        CharacterClass made = new CharacterClass(negated);
        if (peek() == '-' || peek() == '^' && !negated) {
            // At the start these are themselves, and begin no range.
            int first = next();
            made.add(first, first);
        }
        boolean begun = false;
        for (int c = next(); c != ']'; c = next()) {
            if (c == END_OF_GLOB) {
                throw wrong("Missing ']'");
            }
            if (c == '/' || c == separator) {
                throw wrong("Explicit 'name separator' in class");
            }
            if (c != '-') {
                made.add(c, c);
                begun = true;
                continue;
            }
            if (!begun) {
                throw wrong("Invalid range");
            }
            begun = false;
            if (peek() == ']') {
                made.add('-', '-');
                continue;
            }
            int to = next();
            if (to < made.ranges[made.ranges.length - 1] || to == '[' || to == '\\') {
                throw wrong(to == END_OF_GLOB ? "Missing ']'" : "Invalid range");
            }
            made.extendTo(to);
        }
        if (made.ranges.length == 0) {
            throw wrong("Missing ']'");
        }
        return made;
    }

    private int next() {
        int c = peek();
        at += c == END_OF_GLOB ? 0 : Character.charCount(c);
        return c;
    }

    private int peek() {
        return at < glob.length() ? glob.codePointAt(at) : END_OF_GLOB;
    }

    private PatternSyntaxException wrong(String description) {
        return new PatternSyntaxException(description, glob, Math.max(0, at - 1));
    }

    private int step(int what, int argument) {
        if (length == steps.length) {
            steps = Arrays.copyOf(steps, 2 * length);
            arguments = Arrays.copyOf(arguments, 2 * length);
        }
        steps[length] = what;
        arguments[length] = argument;
        return length++;
    }

    boolean matches(String path) {
        States now = new States();
        States then = new States();
        now.add(0);
        int character;
        for (int i = 0; i < path.length() && now.count > 0; i += Character.charCount(character)) {
            character = path.codePointAt(i);
            then.clear();
            for (int j = 0; j < now.count; j++) {
                if (takes(now.members[j], character)) {
                    then.add(now.members[j] + 1);
                }
            }
            States free = now;
            now = then;
            then = free;
        }
        return now.has(length - 1);
    }

    /** Where the program can be; each state is in it once. */
    private final class States {
        private final int[] members = new int[length];
        private final int[] since = new int[length];
        private int round = 1;
        private int count;

        void clear() {
            count = 0;
            round++;
        }

        boolean has(int state) {
            return since[state] == round;
        }

        /** Adds {@code state} and what can be reached from it without a character. */
        void add(int state) {
            int done = count;
            put(state);
            for (; done < count; done++) {
                int reached = members[done];
                if (steps[reached] == FORK) {
                    put(reached + 1);
                    put(arguments[reached]);
                } else if (steps[reached] == JUMP) {
                    put(arguments[reached]);
                }
            }
        }

        private void put(int state) {
            if (since[state] != round) {
                since[state] = round;
                members[count++] = state;
            }
        }
    }

    private boolean takes(int state, int c) {
        return switch (steps[state]) {
            case LITERAL -> same(arguments[state], c);
            case IN_NAME -> c != separator;
            case ANY -> !endsLine(c);
            case CLASS -> c != separator && named(classes.get(arguments[state]), c);
            default -> false;
        };
    }

    /** As the dot of a regular expression has it. */
    private static boolean endsLine(int c) {
        return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    private boolean same(int a, int b) {
        return a == b || dos && folded(a) == folded(b);
    }

    private boolean named(CharacterClass in, int c) {
        boolean named = in.names(c) || dos && (in.names(Character.toUpperCase(c)) || in.names(folded(c)));
        return named != in.negated;
    }

    private static int folded(int c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }
}
