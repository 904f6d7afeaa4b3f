// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.cli.audit.AuditCommand;
import io.cloacina.guard.cli.doctor.DoctorCommand;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: {@code cloacina COMMAND …}.
 *
 * <p>Results go to standard output, words for people to standard error; the exit status is one of {@code 0, 1, 2, 3, 70}.
 * A stack trace is never printed.
 */
public final class Cloacina {

    /** In the order in which the help has them. */
    private static final List<String> COMMANDS = List.of(
            "key",
            "trust",
            "package",
            "sign",
            "intake",
            "signature",
            "verify",
            "audit",
            "store",
            "doctor",
            "prepare",
            "completion",
            "help",
            "version");

    /** Those that need all others to be there. */
    private static final List<String> OF_ALL = List.of("completion", "help");

    private static final int WIDTH = 80;

    private final CliEnvironment environment;
    private final RootCommand options = new RootCommand();
    private final Cli cli;
    private final @Nullable Preparation preparation;

    private Cloacina(CliEnvironment environment, @Nullable Preparation preparation) {
        this.environment = environment;
        this.preparation = preparation;
        this.cli = new Cli(environment, options);
    }

    /**
     * Commands are made when they are asked for, because most of the time to start is spent on making them; and by a
     * switch, because a table of method references would load all their classes.
     */
    private Object make(String command) {
        return switch (command) {
            case "key" -> new KeyCommand(cli);
            case "trust" -> new TrustCommand(cli);
            case "package" -> new PackageCommand(cli);
            case "sign" -> new SignCommand(cli);
            case "intake" -> new IntakeCommand(cli);
            case "signature" -> new SignatureCommand(cli);
            case "verify" -> new VerifyCommand(cli);
            case "audit" -> AuditCommand.line(cli);
            case "store" -> new StoreCommand(cli);
            case "doctor" -> new DoctorCommand(cli);
            case "prepare" -> new PrepareCommand(cli, preparation);
            case "completion" -> new CompletionCommand(cli);
            case "help" -> new HelpCommand(cli);
            case "version" -> new VersionCommand(cli);
            default -> throw new IllegalArgumentException("no command [" + command + "]");
        };
    }

    /** Runs the command that the arguments name and ends the JVM with its status. */
    public static void main(String[] arguments) {
        main(null, arguments);
    }

    /**
     * The same for the command line of the agent jar.
     *
     * @param preparation may be null
     */
    @AllowedCall("the one place where the command line ends its JVM and takes hold of its streams")
    public static void main(@Nullable Preparation preparation, String[] arguments) {
        CliEnvironment environment = CliEnvironment.ofProcess(System.out, System.err);
        System.exit(run(environment, preparation, CliEnvironment.isOutPipe(), arguments));
    }

    /** Runs the command that the arguments name and gives its exit status; never throws. */
    static int run(CliEnvironment environment, String... arguments) {
        return run(environment, null, false, arguments);
    }

    /** @param outIsPipe whether an error of standard output is that its reader is gone, who then has what was wanted */
    static int run(
            CliEnvironment environment, @Nullable Preparation preparation, boolean outIsPipe, String... arguments) {
        int status = new Cloacina(environment, preparation).run(arguments);
        environment.err().flush();
        if (environment.out().checkError() && !outIsPipe) {
            environment.err().println("cloacina: the results could not be written to standard output");
            return ExitStatus.worse(status, ExitStatus.TROUBLE);
        }
        return status;
    }

    private int run(String... arguments) {
        List<String> given = Arrays.asList(arguments);
        try {
            GivenKeys.refuse(arguments);
            VerifyCommand plain = PlainVerify.read(arguments, options, cli);
            if (plain != null) {
                cli.requireAudit();
                return plain.call();
            }
            List<String> named = COMMANDS.stream().filter(given::contains).toList();
            boolean all = named.isEmpty() || named.stream().anyMatch(OF_ALL::contains);
            CommandLine line = commandLine(all ? COMMANDS : named);
            line.setParameterExceptionHandler((failure, words) -> {
                // Whatever came before it was no command: only with all of them there is it known what was meant.
                if (line.getSubcommands().size() < COMMANDS.size()) {
                    // With fresh options: a flag that is set already would be turned off by naming it again.
                    return new Cloacina(environment, preparation)
                            .commandLine(COMMANDS)
                            .execute(words);
                }
                return usage(failure, words);
            });
            return line.execute(arguments);
        } catch (Throwable e) {
            return failed(e, given.contains("--json"));
        }
    }

    /** All commands, as they are read. */
    static CommandLine commandLine(CliEnvironment environment) {
        return new Cloacina(environment, null).commandLine(COMMANDS);
    }

    private CommandLine commandLine(Iterable<String> names) {
        CommandLine line = new CommandLine(options);
        for (String name : names) {
            line.addSubcommand(name, make(name));
        }
        arrangeHelp(line);
        return line.setExpandAtFiles(false)
                .setOut(new PrintWriter(new StreamWriter(environment.out()), true))
                .setErr(new PrintWriter(new StreamWriter(environment.err()), true))
                .setParameterExceptionHandler(this::usage)
                .setExecutionStrategy(this::execute)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, options.json));
    }

    private int execute(CommandLine.ParseResult parsed) {
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped != null) {
            return helped;
        }
        if (options.debug) {
            DebugLog.of(environment.err(), environment.variables(), options.store)
                    .start();
            if (preparation != null) {
                cli.say("of this jar, the database drivers log nothing; use cloacina.jar with --debug");
            }
        }
        // To say what is wrong with the settings, and that all in one call, is what doctor is for.
        boolean isDoctor = parsed.hasSubcommand()
                && parsed.subcommand().commandSpec().name().equals("doctor");
        try {
            if (!isDoctor) {
                cli.requireAudit();
            }
        } catch (CliException e) {
            return failed(e, options.json);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** As wide as a terminal, and a command's own options before those that all have. */
    private static void arrangeHelp(CommandLine line) {
        line.getCommandSpec().usageMessage().width(WIDTH).sortOptions(false);
        line.getSubcommands().values().forEach(Cloacina::arrangeHelp);
    }

    private int usage(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        String message = KeyText.shown(failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched) {
            message = unmatched(unmatched.getUnmatched().get(0), line, message);
        } else if (failure.getClass() == ParameterException.class
                && !line.getSubcommands().isEmpty()) {
            line.usage(line.getErr());
        }
        cli.say(message + "; see " + line.getCommandSpec().qualifiedName() + " --help");
        if (Arrays.asList(arguments).contains("--json")) {
            printError("usage", message);
        }
        return ExitStatus.USAGE;
    }

    private static String unmatched(String word, CommandLine line, String message) {
        if (word.startsWith("-")) {
            return message
                    + NearestName.near(word, line.getCommandSpec().optionsMap().keySet())
                            .map(option -> " (did you mean [" + option + "]?)")
                            .orElse("");
        }
        Set<String> commands = new TreeSet<>(line.getSubcommands().keySet());
        return commands.isEmpty()
                ? message
                : "there is no command [" + KeyText.shown(word) + "] but " + String.join(", ", commands)
                        + NearestName.near(word, commands)
                                .map(command -> " (did you mean [" + command + "]?)")
                                .orElse("");
    }

    private int failed(Throwable failure, boolean json) {
        int status;
        String code;
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof CliException known) {
            status = known.status();
            code = known.code();
        } else if (failure instanceof KeyException key) {
            status = switch (key.reason().kind()) {
                case REFUSED -> ExitStatus.REFUSED;
                case ASKED_WRONGLY -> ExitStatus.USAGE;
                case TROUBLE -> ExitStatus.TROUBLE;
            };
            code = key.reason().name().toLowerCase(Locale.ROOT);
            message = withCandidates(key);
        } else if (failure instanceof StoreUnavailableException) {
            status = ExitStatus.TROUBLE;
            code = "store_unavailable";
        } else if (failure instanceof AuditFailedException) {
            status = ExitStatus.TROUBLE;
            code = "audit_unavailable";
            message = "it was done, but not recorded: " + message;
        } else if (failure instanceof IOException thrown) {
            status = ExitStatus.TROUBLE;
            code = "io_error";
            message = Cli.reason(thrown);
        } else {
            status = ExitStatus.BUG;
            code = "bug";
            message = "this is a bug in the program: " + KeyText.shown(failure.toString());
        }
        cli.say(message);
        if (json) {
            printError(code, message);
        }
        return status;
    }

    static String withCandidates(KeyException failure) {
        return failure.candidates().isEmpty()
                ? failure.getMessage()
                : failure.getMessage() + ": " + String.join("; ", failure.candidates());
    }

    private void printError(String code, String message) {
        environment.out().println(new JsonLine().with("error", code).with("message", message));
    }

    /** Characters for a stream that knows its own charset. */
    private static final class StreamWriter extends Writer {

        private final PrintStream stream;

        StreamWriter(PrintStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(char[] characters, int offset, int length) {
            stream.print(new String(characters, offset, length));
        }

        @Override
        public void flush() {
            stream.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }

    /** Marks a method that may use what the list of banned calls forbids. */
    @interface AllowedCall {
        /** Why. */
        String value();
    }
}
