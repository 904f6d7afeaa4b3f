// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A list of hashes as {@code sha256sum} writes it, and reads it with {@code --check}: {@code HASH  NAME} or {@code HASH *NAME},
 * {@code SHA256 (NAME) = HASH} with {@code --tag}, a backslash in front of a line whose name has escapes, and lines of comment
 * that begin with {@code #}.
 */
public final class HashList {

    /** Some hundred thousand lines. */
    public static final int MOST_BYTES = 16 << 20;

    private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](.+)", Pattern.DOTALL);
    private static final Pattern TAGGED = Pattern.compile("SHA256 \\((.+)\\) = ([0-9a-fA-F]{64})", Pattern.DOTALL);

    private final Path file;
    private final PackageHash digest;
    private final List<Line> lines;

    private record Line(PackageHash hash, String name) {}

    private HashList(Path file, PackageHash digest, List<Line> lines) {
        this.file = file;
        this.digest = digest;
        this.lines = lines;
    }

    /**
     * @param file where it is; names in it may be relative to that
     * @throws IllegalArgumentException if it has another form; the message names the line
     */
    public static HashList read(byte[] content, Path file) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("it is not UTF-8", e);
        }
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String one = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (!one.isBlank() && !one.startsWith("#")) {
                lines.add(line(one, number));
            }
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("it names no file");
        }
        return new HashList(file, PackageHash.ofContent(content), lines);
    }

    private static Line line(String text, int number) {
        boolean escaped = text.startsWith("\\");
        String plain = escaped ? text.substring(1) : text;
        Matcher line = LINE.matcher(plain);
        Matcher tagged = TAGGED.matcher(plain);
        boolean isLine = line.matches();
        if (!isLine && !tagged.matches()) {
            throw new IllegalArgumentException("line " + number
                    + " is not of the form that sha256sum writes: 64 hexadecimal digits, two spaces, a name");
        }
        String name = isLine ? line.group(2) : tagged.group(1);
        String hash = isLine ? line.group(1) : tagged.group(2);
        return new Line(new PackageHash(hash.toLowerCase(Locale.ROOT)), escaped ? unescaped(name, number) : name);
    }

    private static String unescaped(String name, int number) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\') {
                i++;
                char escaped = i < name.length() ? name.charAt(i) : ' ';
                switch (escaped) {
                    case '\\' -> c = '\\';
                    case 'n' -> c = '\n';
                    case 'r' -> c = '\r';
                    default -> throw new IllegalArgumentException("line " + number + " has an unknown escape");
                }
            }
            plain.append(c);
        }
        return plain.toString();
    }

    /**
     * What the list says of a package: the lines whose names lead to it from where the list is, else those with the same
     * file name. All of them must agree.
     */
    Evidence check(Path named, PackageHash hash) throws IntakeRefusedException {
        List<Line> about = new ArrayList<>();
        for (Line line : lines) {
            if (leadsTo(line, named)) {
                about.add(line);
            }
        }
        if (about.isEmpty()) {
            String own = named.getFileName().toString();
            for (Line line : lines) {
                if (line.name().substring(line.name().lastIndexOf('/') + 1).equals(own)) {
                    about.add(line);
                }
            }
        }
        if (about.isEmpty()) {
            throw new IntakeRefusedException(
                    Reason.NO_EVIDENCE, "[" + file + "] says nothing about [" + named.getFileName() + "]");
        }
        for (Line line : about) {
            if (!line.hash().equals(hash)) {
                throw new IntakeRefusedException(
                        Reason.DIFFERENT_HASH,
                        "[" + named + "] has the SHA-256 " + hash + "; [" + file + "] says that it is " + line.hash());
            }
        }
        return new Evidence(
                Evidence.SHA256, Printable.of(about.get(0).name()), digest.hex(), Printable.of(file.toString()));
    }

    private boolean leadsTo(Line line, Path named) {
        try {
            return file.toAbsolutePath()
                    .resolveSibling(line.name())
                    .normalize()
                    .equals(named.toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            // Of another system.
            return false;
        }
    }
}
