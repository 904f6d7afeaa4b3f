// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.ExitStatus;
import io.cloacina.guard.internal.report.HtmlReport;
import io.cloacina.guard.internal.report.Report;
import io.cloacina.guard.internal.report.ReportBuilder;
import io.cloacina.guard.internal.report.ReportBuilder.FirstEvent;
import io.cloacina.guard.internal.text.KeyText;
import java.io.BufferedWriter;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description = "Say what an enforcing guard would refuse, and the commands that make it acceptable.",
        footer = {
            "",
            "Reads event files of one host or many, rotated and gzipped ones too. Run it on the host: it looks which of"
                    + " the paths are there. The store, if there is one, is asked only which key signs. A package counts"
                    + " as settled when it last loaded without a refusal on every host; in temporary directories, when"
                    + " the same content did. The exit status is 1 if anything else would be refused.",
            "",
            "Examples:",
            "  cloacina audit report /var/log/host/cloacina.jsonl",
            "  cloacina audit report --since 7d --html --out report.html hosts/*.jsonl",
            "  ssh host cat /var/log/host/cloacina.jsonl | cloacina audit report --json -"
        })
final class AuditReportCommand implements Callable<Integer> {

    private static final String STDIN = "-";

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A file of events; - for standard input.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only from then on: 2026-01-28, 2026-01-28T12:00:00Z, or back from now: 90m, 24h, 7d.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only what is older; as for --since.")
    private @Nullable String until;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "Only loads under guards in this mode: audit, enforcing.")
    private @Nullable String mode;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The signing key that commands shall name (default: the one that has signed most, or the"
                    + " store's only one).")
    private @Nullable String key;

    @Option(names = "--html", description = "One page that stands alone, with charts.")
    private boolean html;

    @Option(names = "--out", paramLabel = "FILE", description = "Where the page goes, if not to standard output.")
    private @Nullable String out;

    AuditReportCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws CliException {
        if (html && cli.json()) {
            throw new ParameterException(spec.commandLine(), "--html and --json cannot both be had");
        }
        if (out != null && !html) {
            throw new ParameterException(spec.commandLine(), "--out is for --html; redirect the other forms");
        }
        if (mode != null && !List.of("audit", "enforcing").contains(mode)) {
            throw new ParameterException(
                    spec.commandLine(), "--mode is audit or enforcing, not [" + KeyText.shown(mode) + "]");
        }
        ReportBuilder builder = new ReportBuilder(time("--since", since), time("--until", until), mode, key);
        for (Source source : sources()) {
            read(source, builder);
        }
        Report report = builder.build();
        requireEvents(report);
        if (key == null) {
            report = new ReportKey(cli, report).filledIn();
        }
        if (html) {
            writePage(report);
        } else if (cli.json()) {
            new ReportText(report, cli).printJson();
        } else {
            new ReportText(report, cli).printText();
        }
        sayWhatIsOdd(report);
        return report.hasRefusals() ? ExitStatus.REFUSED : ExitStatus.DONE;
    }

    /**
     * @param path null for standard input
     * @param first null if it was not known before
     */
    private record Source(
            String name, @Nullable Path path, @Nullable FirstEvent first) {

        @Nullable
        Instant firstTime() {
            return first == null ? null : first.time();
        }
    }

    /**
     * Each file once, and of copies (rotated and compressed meanwhile, or taken when there was less in it) the one that
     * has everything; oldest first, because a rotated file tells what its successors go on with.
     */
    private List<Source> sources() throws CliException {
        List<Source> sources = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (String file : files) {
            if (file.equals(STDIN)) {
                if (seen.add(STDIN)) {
                    sources.add(new Source("standard input", null, null));
                }
                continue;
            }
            Path path = cli.path(file);
            if (AuditLogFiles.isCheckpoints(path)) {
                continue;
            }
            try {
                if (Files.isDirectory(path)) {
                    throw new IOException("it is a directory");
                }
                FirstEvent first = null;
                // A pipe can be read only once.
                if (Files.isRegularFile(path)) {
                    if (!seen.add(path.toRealPath())) {
                        cli.say("[" + path + "] is named twice; it is read once");
                        continue;
                    }
                    try (InputStream in = new FileInputStream(path.toFile())) {
                        first = ReportBuilder.first(in);
                    }
                }
                add(new Source(file, path, first), sources);
            } catch (IOException e) {
                throw Cli.unreadable("the audit log", path, e);
            }
        }
        sources.sort(Comparator.comparing(Source::firstTime, Comparator.nullsLast(Comparator.naturalOrder())));
        return sources;
    }

    private void add(Source source, List<Source> sources) throws IOException {
        if (source.first() != null && source.first().id() != null) {
            for (Source other : List.copyOf(sources)) {
                if (!source.first().equals(other.first())) {
                    continue;
                }
                if (isBeginning(source, other)) {
                    cli.say("[" + source.path() + "] is a copy of [" + other.path() + "] or of its beginning; it is"
                            + " not counted again");
                    return;
                }
                if (isBeginning(other, source)) {
                    cli.say("[" + other.path() + "] is a copy of the beginning of [" + source.path() + "]; it is not"
                            + " counted again");
                    sources.remove(other);
                }
            }
        }
        sources.add(source);
    }

    private static boolean isBeginning(Source part, Source whole) throws IOException {
        // Only files have a first event.
        try (InputStream a =
                        new FileInputStream(Objects.requireNonNull(part.path()).toFile());
                InputStream b =
                        new FileInputStream(Objects.requireNonNull(whole.path()).toFile())) {
            return ReportBuilder.isBeginning(a, b);
        }
    }

    private static void read(Source source, ReportBuilder builder) throws CliException {
        if (source.path() == null) {
            try {
                builder.read(source.name(), System.in);
            } catch (IOException e) {
                throw CliException.trouble("unreadable_file", "standard input cannot be read: " + Cli.reason(e), e);
            }
            return;
        }
        try (InputStream in = new FileInputStream(source.path().toFile())) {
            builder.read(source.name(), in);
        } catch (IOException e) {
            throw Cli.unreadable("the audit log", source.path(), e);
        }
    }

    private @Nullable Instant time(String option, @Nullable String text) throws CliException {
        if (text == null) {
            return null;
        }
        try {
            if (text.matches("[0-9]{1,6}[mhd]")) {
                long number = Long.parseLong(text.substring(0, text.length() - 1));
                Duration back = switch (text.charAt(text.length() - 1)) {
                    case 'm' -> Duration.ofMinutes(number);
                    case 'h' -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                };
                return cli.environment().clock().instant().minus(back);
            }
            return text.indexOf('T') < 0
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw CliException.askedWrongly(
                    "malformed_time",
                    option + ": [" + KeyText.shown(text)
                            + "] is neither a date (2026-01-28), a time (2026-01-28T12:00:00Z) nor a time"
                            + " back from now (90m, 24h, 7d)",
                    e);
        }
    }

    private static void requireEvents(Report report) throws CliException {
        if (report.malformed() > 0 && report.events() == 0 && report.eventsOutside() == 0) {
            Report.MalformedLine line = report.malformedLines().get(0);
            throw CliException.trouble(
                    "no_record",
                    "not one line is an event; the first, [" + line.file() + "] line " + line.number() + ", is "
                            + line.why(),
                    null);
        }
    }

    private void sayWhatIsOdd(Report report) {
        for (Report.MalformedLine line : report.malformedLines()) {
            cli.say("[" + line.file() + "] line " + line.number() + " was left out: " + line.why());
        }
        long more = report.malformed() - report.malformedLines().size();
        if (more > 0) {
            cli.say("more lines that were left out: " + more);
        }
        if (report.loads() == 0) {
            cli.say("no load is on record here (events of other kinds: " + report.events()
                    + ", outside the time asked for: " + report.eventsOutside()
                    + "); that nothing would be refused is no proof of anything yet");
        }
    }

    private void writePage(Report report) throws CliException {
        HtmlReport page = new HtmlReport(report, cli.environment().clock().instant());
        if (out == null) {
            StringBuilder text = new StringBuilder();
            try {
                page.write(text);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            cli.environment().out().print(text);
            return;
        }
        Path file = cli.path(out);
        try (Writer writer =
                new BufferedWriter(new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8))) {
            page.write(writer);
        } catch (IOException e) {
            throw CliException.trouble(
                    "unwritable_file", "the page cannot be written to [" + file + "]: " + Cli.reason(e), e);
        }
        cli.say("the page is in [" + Cli.absolute(file) + "]");
    }
}
