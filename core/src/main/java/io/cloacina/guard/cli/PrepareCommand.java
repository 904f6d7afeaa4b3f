// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = "Put the instrumented classes of JDKs into the agent jar, for a faster start.",
        footer = {
            "",
            "Needs the right to replace the jar, and to run the JDKs. Without it, an agent instruments at each start.",
            "",
            "Examples:",
            "  java -jar cloacina-guard.jar prepare",
            "  java -jar cloacina-guard.jar prepare /opt/jdk-17 /opt/jdk-25"
        })
final class PrepareCommand implements Callable<Integer> {

    private final Cli cli;
    private final @Nullable Preparation preparation;

    @Parameters(
            arity = "0..*",
            paramLabel = "JAVA_HOME",
            description = "The directory of a JDK or JRE from 17 on (default: the one that runs this).")
    private List<String> homes = new ArrayList<>();

    @Option(
            names = "--beside",
            paramLabel = "JAVA_HOME",
            description = "This one, and every other from 17 on in the same directory.")
    private @Nullable String beside;

    PrepareCommand(Cli cli, @Nullable Preparation preparation) {
        this.cli = cli;
        this.preparation = preparation;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        if (preparation == null) {
            throw CliException.usage("this is the command line alone; java -jar cloacina-guard.jar prepare does it");
        }
        if (beside != null && !homes.isEmpty()) {
            throw CliException.usage("--beside names the JDKs already");
        }
        List<String> wanted = new ArrayList<>();
        for (String home : homes) {
            wanted.add(cli.path(home).toString());
        }
        if (beside != null) {
            wanted.addAll(List.of("--beside", cli.path(beside).toString()));
        }
        String jar = preparation.jar().toString();
        try {
            for (Map.Entry<String, Integer> one : preparation.prepare(wanted).entrySet()) {
                cli.result(
                        new JsonLine()
                                .with("java_home", one.getKey())
                                .with("classes", one.getValue())
                                .with("jar", jar),
                        Printable.of(jar + ": " + one.getValue() + " classes of [" + one.getKey() + "] prepared"));
            }
            return ExitStatus.DONE;
        } catch (Preparation.NotPreparedException e) {
            throw CliException.refused("not_prepared", KeyText.shown(e.getMessage()) + "; [" + jar + "] is as it was");
        } catch (IOException e) {
            throw CliException.trouble(
                    "unwritable_file", "[" + jar + "] cannot be replaced: " + Cli.reason(e) + "; it is as it was", e);
        }
    }
}
