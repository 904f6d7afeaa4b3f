// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The files that an audit log was rotated to: {@code NAME.SEQUENCE}, the sequence of its last line with 12 digits, with
 * {@code -2} and so on behind it where there was such a file already. Every method needs the audit log's lock.
 */
final class Rotation {

    private static final int SEQUENCE_DIGITS = 12;
    private static final int MOST_SEQUENCE_DIGITS = 18;

    private final Path file;

    /** @param file the audit log, absolute */
    Rotation(Path file) {
        this.file = file;
    }

    /** Renames the audit log, whose last line has {@code sequence}. */
    void rename(long sequence) throws IOException {
        String digits = Long.toString(sequence);
        String rotatedName =
                file.getFileName() + "." + "0".repeat(Math.max(0, SEQUENCE_DIGITS - digits.length())) + digits;
        Path target = file.resolveSibling(rotatedName);
        for (int i = 2; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
            target = file.resolveSibling(rotatedName + "-" + i);
        }
        Files.move(file, target);
    }

    /**
     * The first sequence that is kept if only the newest files are.
     *
     * @param files how many; 0 for all
     * @return 0 if there are no more than that
     */
    long keptFrom(int files) throws IOException {
        List<Path> rotated = files();
        int tooMany = files == 0 ? 0 : rotated.size() - files;
        return tooMany <= 0 ? 0 : lastSequence(rotated.get(tooMany - 1)) + 1;
    }

    /** Removes what ends before {@code keptFrom}. */
    void removeBefore(long keptFrom) throws IOException {
        for (Path old : files()) {
            if (lastSequence(old) < keptFrom && !old.toFile().delete()) {
                // It is tried again with the next rotation; the event is written, so this is no failure of it.
                break;
            }
        }
    }

    /** The rotated files, oldest first. */
    List<Path> files() throws IOException {
        String start = file.getFileName() + ".";
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(file.getParent())) {
            for (Path sibling : siblings) {
                String siblingName = sibling.getFileName().toString();
                if (siblingName.startsWith(start) && isSequence(siblingName, start.length())) {
                    found.add(sibling);
                }
            }
        }
        Collections.sort(found);
        return found;
    }

    private static boolean isSequence(String text, int from) {
        int to = from;
        while (to < text.length() && text.charAt(to) >= '0' && text.charAt(to) <= '9') {
            to++;
        }
        return to - from >= SEQUENCE_DIGITS
                && to - from <= MOST_SEQUENCE_DIGITS
                && (to == text.length() || text.charAt(to) == '-');
    }

    private long lastSequence(Path rotated) {
        String digits = rotated.getFileName()
                .toString()
                .substring(file.getFileName().toString().length() + 1);
        int hyphen = digits.indexOf('-');
        return Long.parseLong(hyphen < 0 ? digits : digits.substring(0, hyphen));
    }
}
