// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.sample.AllowedCall;
import io.cloacina.guard.sample.demo.Screen.Colour;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Shows what Cloacina Guard does to a plugin host, and checks that it did: {@code Demo [--keep] [--colour] REPOSITORY}.
 *
 * <p>Makes a key, trusts it and signs with it on an SQLite store in a temporary directory, prepares good and bad plugins,
 * runs the same host with the guard enforcing and in audit mode, and prints what came of it. Exit status: 0 all as it
 * must be, 1 something was not, 2 usage, 3 the demo could not run.
 */
public final class Demo {

    private static final int NOT_AS_IT_MUST_BE = 1;
    private static final int USAGE = 2;
    private static final int COULD_NOT_RUN = 3;

    private final Path repository;
    private final boolean keep;
    private final Screen screen;
    private final Screen complaints;

    private Demo(Path repository, boolean keep, Screen screen, Screen complaints) {
        this.repository = repository;
        this.keep = keep;
        this.screen = screen;
        this.complaints = complaints;
    }

    @AllowedCall("a command-line program: its lines go to the standard streams, what came of it to the exit status")
    public static void main(String[] arguments) {
        List<String> given = List.of(arguments);
        List<String> options =
                given.stream().filter(argument -> argument.startsWith("--")).toList();
        List<String> rest =
                given.stream().filter(argument -> !argument.startsWith("--")).toList();
        if (rest.size() != 1 || !List.of("--keep", "--colour").containsAll(options)) {
            System.err.println("usage: Demo [--keep] [--colour] REPOSITORY");
            System.exit(USAGE);
        }
        boolean coloured = options.contains("--colour");
        var demo = new Demo(
                Path.of(rest.get(0)).toAbsolutePath(),
                options.contains("--keep"),
                new Screen(new PrintStream(System.out, true, UTF_8), coloured),
                new Screen(new PrintStream(System.err, true, UTF_8), coloured));
        System.exit(demo.status());
    }

    private int status() {
        try {
            return run();
        } catch (DemoFailure | GuardException impossible) {
            complaints.line(complaints.in(Colour.BAD, "demo: " + impossible.getMessage()));
        } catch (IOException | InterruptedException | RuntimeException unforeseen) {
            complaints.line(complaints.in(Colour.BAD, "demo: " + unforeseen));
        }
        return COULD_NOT_RUN;
    }

    private int run() throws DemoFailure, GuardException, IOException, InterruptedException {
        WorkDirectory work = WorkDirectory.create(keep, screen);
        long started = System.nanoTime();
        screen.line(screen.in(Colour.HEADING, "Cloacina Guard") + "  on Java " + System.getProperty("java.version")
                + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));

        screen.heading("1  A key, trust, signatures");
        var plugins = new Plugins(repository.resolve("sample-app"), work, screen);
        List<Plugin> all = plugins.putInPlace();
        String releaseFingerprint = new KeysAndTrust(work, plugins, screen).prepare(all);

        screen.heading("2  The same host, the same plugins, two runs");
        screen.source(
                "$ java -javaagent:cloacina-guard.jar -Dcloacina.require_signatures=true ... -jar sample-host.jar");
        screen.blank();
        HostRun enforcing = HostRun.start("enforcing", true, repository, work);
        HostRun audit = HostRun.start("audit", false, repository, work);
        var tables = new Tables(screen);
        tables.plugins(all, enforcing, audit);
        tables.whatRan(all, enforcing, audit);

        screen.heading("3  The events, written before the host learned of each verdict (times are UTC)");
        tables.events(enforcing, "enforcing");
        screen.blank();
        tables.events(audit, "audit mode");

        List<String> problems = Outcome.problems(all, enforcing, audit, releaseFingerprint);
        screen.blank();
        if (!problems.isEmpty()) {
            complaints.line(complaints.in(Colour.BAD, "Not as it must be:"));
            problems.forEach(complaints::note);
            return NOT_AS_IT_MUST_BE;
        }
        screen.line(screen.in(Colour.GOOD, "All as it must be") + ": " + all.size()
                + " plugins, two runs, every event there. "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started) + " seconds.");
        return 0;
    }
}
