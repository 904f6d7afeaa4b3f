// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.cli.Cli;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(description = "The audit log of what was loaded, signed and trusted.", synopsisSubcommandLabel = "COMMAND")
public final class AuditCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    private AuditCommand() {}

    /** The noun with its verbs, each of which is a class of its own. */
    public static CommandLine line(Cli cli) {
        return new CommandLine(new AuditCommand())
                .addSubcommand("verify", new AuditVerifyCommand(cli))
                .addSubcommand("checkpoint", new AuditCheckpointCommand(cli))
                .addSubcommand("report", new AuditReportCommand(cli));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
