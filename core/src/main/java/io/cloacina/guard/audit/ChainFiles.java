// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.audit.LineReader.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files of one audit log, which may be named in any order. */
final class ChainFiles {

    /** So many lines from before the chain may stand at the beginning of a file that has one. */
    private static final int MOST_UNCHAINED = 1024;

    private ChainFiles() {}

    /** In the order of their first sequences. */
    static List<Path> inOrder(List<Path> files) throws IOException {
        Map<Path, Long> starts = new HashMap<>();
        for (Path file : files) {
            starts.put(file, start(file));
        }
        List<Path> ordered = new ArrayList<>(files);
        ordered.sort(Comparator.comparing(starts::get));
        return ordered;
    }

    /** The first sequence in a file; 0 if there is none near its beginning. */
    private static long start(Path file) throws IOException {
        try (LineReader lines = new LineReader(List.of(file))) {
            for (int i = 0; i < MOST_UNCHAINED; i++) {
                Line line = lines.next();
                if (line == null) {
                    return 0;
                }
                if (line.link() != null) {
                    return line.link().sequence();
                }
            }
            return 0;
        }
    }
}
