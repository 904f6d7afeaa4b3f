// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.text.JsonLine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        description = "Print the version; the same as --version.",
        footer = {"", "Examples:", "  cloacina version"})
final class VersionCommand implements Callable<Integer> {

    private final Cli cli;

    VersionCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        String version = String.join(System.lineSeparator(), new VersionLine().getVersion());
        cli.result(new JsonLine().with("version", version), version);
        return ExitStatus.DONE;
    }
}
