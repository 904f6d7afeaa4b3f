// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.audit.LineReader.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether an audit log (see {@link ChainLink}) is whole, and if not, names the first line that shows it.
 *
 * <p>The chain alone shows what was done to lines that have others behind them. A writer of the file can cut off its
 * end, or write all of it anew; {@link Checkpoint}s show that.
 */
public final class ChainVerifier {

    /** What is wrong. */
    public enum Problem {
        /** The line is not as it was written. */
        CHANGED,
        /** Lines are missing before this one. */
        REMOVED,
        /** The line was not written where it stands. */
        INSERTED,
        /** The audit log ends too early: in the middle of a line, or before a line that a checkpoint knows. */
        CUT_OFF,
        /** There is no chain. */
        UNCHAINED
    }

    /**
     * The result of the check.
     *
     * @param finding null if the audit log is complete
     */
    public record Result(@Nullable ChainFinding finding, SoundLines sound) {

        public boolean isComplete() {
            return finding == null;
        }

        /** What is wrong; null if the audit log is complete. */
        public @Nullable Problem problem() {
            return finding == null ? null : finding.problem();
        }

        /** What is wrong, for a person; null if the audit log is complete. */
        public @Nullable String message() {
            return finding == null ? null : finding.message();
        }
    }

    /** How many lines behind a doubtful one are looked at. */
    private static final int LOOKAHEAD = 64;

    /** How many sound lines are remembered. */
    private static final int MEMORY = 1024;

    private final LineReader reader;
    private final TreeMap<Long, List<Checkpoint>> checkpoints = new TreeMap<>();
    private final long from;

    private final Map<Long, Line> memory = new LinkedHashMap<>();
    private @Nullable Line before;
    private @Nullable String beforeHash;
    private long first;
    private long last;
    private long lines;
    private long processes;
    private long torn;
    private long unchained;
    private int confirmed;
    private boolean startExplained;

    private ChainVerifier(List<Path> files, List<Checkpoint> checkpoints, long from) {
        this.reader = new LineReader(files);
        this.from = from;
        for (Checkpoint checkpoint : checkpoints) {
            this.checkpoints
                    .computeIfAbsent(checkpoint.sequence(), key -> new ArrayList<>())
                    .add(checkpoint);
        }
    }

    /**
     * @param files in any order; they are read in that of their first sequence
     * @param checkpoints whose signatures were checked
     * @param from the sequence that the audit log may begin with, because what came before is kept elsewhere; 0 if it
     *     must begin with the first, or where rotation has recorded that it removed what came before; -1 if anywhere.
     *     An audit log that ends before it is cut off
     * @throws IOException if a file cannot be read
     */
    public static Result run(List<Path> files, List<Checkpoint> checkpoints, long from) throws IOException {
        ChainVerifier check = new ChainVerifier(ChainFiles.inOrder(files), checkpoints, from);
        try {
            return check.run();
        } finally {
            check.reader.close();
        }
    }

    private Result run() throws IOException {
        Line line = reader.next();
        Line firstUnchained = null;
        Line lastUnchained = null;
        while (line != null && line.link() == null) {
            Line next = reader.peek(0);
            boolean noted = next != null && notes(next, line);
            if (noted) {
                torn++;
            } else if (!line.ended()) {
                return problem(Problem.CUT_OFF, line, 1, "is cut off, and is no line of a chain");
            } else {
                unchained++;
                firstUnchained = firstUnchained == null ? line : firstUnchained;
                lastUnchained = line;
            }
            line = reader.next();
        }
        if (line == null) {
            return unchained == 0 && torn == 0
                    ? problem(Problem.UNCHAINED, null, 0, "there is not a single event")
                    : problem(
                            Problem.UNCHAINED,
                            lastUnchained,
                            0,
                            "there is no chain: the audit log is from before events were chained, and proves nothing");
        }
        Result wrong = begin(line, Objects.requireNonNull(line.link()), firstUnchained, lastUnchained);
        while (wrong == null && line != null) {
            wrong = check(line);
            line = reader.next();
        }
        return wrong == null ? end() : wrong;
    }

    /** Whether {@code line} says that {@code half} was left by a process that was killed. */
    private static boolean notes(Line line, Line half) {
        return line.link() != null && half.hash().equals(line.field(ChainLink.TORN_LINE));
    }

    private @Nullable Result begin(
            Line line, ChainLink link, @Nullable Line firstUnchained, @Nullable Line lastUnchained) throws IOException {
        last = link.sequence() - 1;
        beforeHash = link.previousHash();
        if (lastUnchained != null) {
            if (link.sequence() == 1 && link.previousHash().equals(lastUnchained.hash())) {
                return null;
            }
            // Nothing from before the chain can stand before another line than its first.
            boolean middle = link.sequence() > 1;
            return problem(
                    middle ? Problem.CHANGED : Problem.INSERTED,
                    middle ? firstUnchained : lastUnchained,
                    Math.max(1, link.sequence() - unchained),
                    "has no chain link, or one that cannot be read, and is not the line that the chain began behind");
        }
        if (link.sequence() != 1 && link.previousHash().equals(ChainLink.NOTHING)) {
            return problem(
                    Problem.CHANGED, line, 1, "was changed: it is linked as the first, but has another sequence");
        }
        if (link.sequence() == 1 && !link.previousHash().equals(ChainLink.NOTHING)) {
            Line next = reader.peek(0);
            if (next != null
                    && next.link() != null
                    && !next.link().previousHash().equals(line.hash())) {
                return problem(Problem.CHANGED, line, 1, "was changed");
            }
            return problem(Problem.REMOVED, line, 1, "is linked to a line from before the chain, which is missing");
        }
        return null;
    }

    private Result end() {
        if (first > 1 && from >= 0 && first != from && !startExplained) {
            ChainFinding finding = new ChainFinding(
                    Problem.REMOVED,
                    "the audit log begins with sequence " + first
                            + ": the lines before it are missing, or in files that were"
                            + " not named; if it is meant to begin there, say --from " + first,
                    null,
                    0,
                    first - 1);
            return new Result(finding, sound(beforeHash));
        }
        if (!checkpoints.isEmpty() && checkpoints.lastKey() > last) {
            List<Checkpoint> lost = checkpoints.lastEntry().getValue();
            return problem(
                    Problem.CUT_OFF,
                    before,
                    last + 1,
                    "is the last, but the checkpoint of " + lost.get(0).createdAt() + " knows of sequence "
                            + checkpoints.lastKey() + ": what came after it was cut off");
        }
        if (from > last) {
            // Nothing of what was to be checked is there: the file that goes on is missing, or this is an older one.
            return problem(
                    Problem.CUT_OFF,
                    before,
                    last + 1,
                    "is the last, with sequence " + last + ": the audit log ends before --from " + from);
        }
        return result(null, null, null, 0);
    }

    private @Nullable Result check(Line line) throws IOException {
        ChainLink link = line.link();
        long expected = last + 1;
        if (!line.ended()) {
            Line next = reader.peek(0);
            return problem(
                    Problem.CUT_OFF,
                    line,
                    expected,
                    "is cut off" + (next == null ? "" : ", although another file goes on behind it")
                            + "; the audit log is complete up to sequence " + last);
        }
        if (link == null) {
            return checkUnlinked(line, expected);
        }
        boolean fits = link.previousHash().equals(beforeHash);
        if (link.sequence() == expected && fits) {
            return accept(line, link);
        }
        if (fits) {
            return problem(Problem.CHANGED, line, expected, "was changed: it has another sequence than its place");
        }
        if (continuation(expected) >= 0) {
            return problem(Problem.INSERTED, line, expected, "was inserted: the chain goes on behind it");
        }
        if (link.sequence() == expected) {
            return misfit(line, expected);
        }
        if (link.sequence() > expected) {
            String behind = before == null || before.file().equals(line.file())
                    ? ""
                    : ", behind [" + before.file().getFileName() + "]";
            return problem(
                    Problem.REMOVED,
                    line,
                    expected,
                    "has sequence " + link.sequence() + ": "
                            + (link.sequence() - expected == 1
                                    ? "sequence " + expected + " is"
                                    : "sequences " + expected + " to " + (link.sequence() - 1) + " are")
                            + " missing before it"
                            + behind);
        }
        Line same = memory.get(link.sequence());
        Line next = reader.peek(0);
        boolean goesOn = next == null
                || next.link() != null && next.link().previousHash().equals(line.hash());
        if (same != null && goesOn && isFork(same, link) && !same.hash().equals(line.hash())) {
            return problem(
                    Problem.INSERTED,
                    same,
                    link.sequence(),
                    "was inserted: the chain goes on without it further down"
                            + (next == null ? ", or the last line was" : ""));
        }
        return problem(Problem.INSERTED, line, expected, "was inserted: it has sequence " + link.sequence());
    }

    private static boolean isFork(Line same, ChainLink link) {
        return same.link() != null && same.link().previousHash().equals(link.previousHash());
    }

    private @Nullable Result checkUnlinked(Line line, long expected) throws IOException {
        Line next = reader.peek(0);
        if (next != null && fits(next, expected) && notes(next, line)) {
            torn++;
            return null;
        }
        if (continuation(expected) >= 0) {
            return problem(
                    Problem.INSERTED,
                    line,
                    expected,
                    "was inserted: it has no chain link, and the chain goes on behind it");
        }
        return problem(
                Problem.CHANGED, line, expected, "was changed: it has no chain link, or one that cannot be read");
    }

    /** The sequence is right, the hash of the line before is not: one of the two was changed. */
    private Result misfit(Line line, long expected) throws IOException {
        Line next = reader.peek(0);
        boolean accepted = next == null
                || next.link() != null && next.link().previousHash().equals(line.hash());
        if (accepted && before != null) {
            return problem(
                    Problem.CHANGED,
                    before,
                    expected - 1,
                    "was changed: the line behind it has the hash of another"
                            + (next == null ? ", or was changed" : ""));
        }
        return problem(Problem.CHANGED, line, expected, "was changed, or the line before it was as well");
    }

    private boolean fits(Line line, long sequence) {
        return line.link() != null
                && line.link().sequence() == sequence
                && line.link().previousHash().equals(beforeHash);
    }

    /** How many lines further on the chain goes on from the last sound line; -1 if not within sight. */
    private int continuation(long expected) throws IOException {
        for (int i = 0; i < LOOKAHEAD; i++) {
            Line next = reader.peek(i);
            if (next == null) {
                return -1;
            }
            if (fits(next, expected)) {
                return i;
            }
        }
        return -1;
    }

    private @Nullable Result accept(Line line, ChainLink link) {
        String hash = line.hash();
        long sequence = link.sequence();
        String keptFrom = line.field(ChainLink.KEPT_FROM);
        startExplained |= keptFrom != null && first > 0 && keptFrom.equals(Long.toString(first));
        if (line.field(ChainLink.PROCESS_STARTED_AT) != null) {
            processes++;
        }
        for (Checkpoint checkpoint : checkpoints.getOrDefault(sequence, List.of())) {
            if (!checkpoint.lineHash().equals(hash)) {
                return problem(
                        Problem.CHANGED,
                        line,
                        sequence,
                        "is not the one that the checkpoint of " + checkpoint.createdAt()
                                + " knows: up to here, the audit log was written anew");
            }
            confirmed++;
        }
        if (first == 0) {
            first = sequence;
        }
        lines++;
        last = sequence;
        before = line;
        beforeHash = hash;
        memory.put(sequence, line);
        if (memory.size() > MEMORY) {
            memory.remove(memory.keySet().iterator().next());
        }
        return null;
    }

    private Result problem(Problem problem, @Nullable Line line, long sequence, String message) {
        String where = line == null
                ? ""
                : "line " + line.number() + " of [" + line.file().getFileName() + "] ";
        return result(problem, where + message, line, sequence);
    }

    private Result result(@Nullable Problem problem, @Nullable String message, @Nullable Line line, long sequence) {
        // A line that was changed shows in the one behind it: then the sound ones end before it.
        Line sound = problem == Problem.CHANGED && sequence <= last ? memory.get(sequence - 1) : null;
        if (sound != null) {
            lines -= last - (sequence - 1);
            last = sequence - 1;
            beforeHash = sound.hash();
        }
        ChainFinding finding = problem == null || message == null
                ? null
                : new ChainFinding(
                        problem,
                        message,
                        line == null ? null : line.file(),
                        line == null ? 0 : line.number(),
                        sequence);
        return new Result(finding, sound(lines == 0 ? null : beforeHash));
    }

    private SoundLines sound(@Nullable String lastHash) {
        return new SoundLines(first, last, lastHash, lines, processes, torn, unchained, confirmed);
    }
}
