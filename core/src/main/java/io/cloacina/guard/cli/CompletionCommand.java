// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.text.JsonLine;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        description = "Print a completion script for bash and zsh.",
        footer = {
            "",
            "Examples:",
            "  source <(cloacina completion)",
            "  cloacina completion > /etc/bash_completion.d/cloacina"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    CompletionCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("cloacina", spec.root().commandLine());
        cli.result(new JsonLine().with("script", script), script);
        return ExitStatus.DONE;
    }
}
