// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What stands before the first noun or verb, and the options that all of them share. */
@Command(
        name = "cloacina",
        description = "Keys, trust, signatures: what a JVM under Cloacina Guard may load.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = VersionLine.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done, or verified",
            "1:refused: verification or policy said no",
            "2:asked wrongly: usage, unknown or ambiguous key, malformed key, wrong key encryption key",
            "3:the store or a file did not do what it must",
            "70:a bug in the program"
        })
final class RootCommand implements Runnable {

    /** Where the common options begin in a help: a command's own ones have no order and stand before. */
    private static final int COMMON = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--store",
            order = COMMON + 1,
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "The trust store: jdbc:sqlite:PATH, sqlite://PATH, jdbc:postgresql://..., or"
                    + " postgres://user:password@host:port/database (CLOACINA_DATABASE_URL; default:"
                    + " sqlite://~/.cloacina/trust.db).")
    @Nullable
    String store;

    @Option(
            names = "--org",
            order = COMMON + 2,
            paramLabel = "UUID",
            scope = ScopeType.INHERIT,
            description = "The organisation whose keys and trust are meant (CLOACINA_ORG_ID).")
    @Nullable
    String org;

    @Option(
            names = "--kek-file",
            order = COMMON + 3,
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The key encryption key: base64, 64 hexadecimal digits or 32 raw bytes"
                    + " (CLOACINA_KEY_ENCRYPTION_KEY).")
    @Nullable
    String kekFile;

    @Option(
            names = "--audit",
            order = COMMON + 4,
            paramLabel = "SINK[,SINK]",
            scope = ScopeType.INHERIT,
            description = "Where events go: stderr, stdout, file:PATH, logback:FILE.xml (CLOACINA_AUDIT; default:"
                    + " file:~/.cloacina/audit.jsonl).")
    @Nullable
    String audit;

    @Option(
            names = "--json",
            order = COMMON + 5,
            scope = ScopeType.INHERIT,
            description = "Print results as JSON, one object a line.")
    boolean json;

    @Option(
            names = "--debug",
            order = COMMON + 6,
            scope = ScopeType.INHERIT,
            description =
                    "Show on standard error what JDBI and the database drivers log; no password or key is among it.")
    boolean debug;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}
