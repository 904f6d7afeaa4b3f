// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.cli.Cloacina;
import io.cloacina.guard.cli.Preparation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The agent jar as a program: the command line, which can prepare this jar. */
public record AgentJar(Path jar) implements Preparation {

    /** Runs the command that the arguments name and ends the JVM with its status. */
    public static void main(Path jar, String[] arguments) {
        Cloacina.main(new AgentJar(jar), arguments);
    }

    @Override
    public Map<String, Integer> prepare(List<String> javaHomes)
            throws NotPreparedException, IOException, InterruptedException {
        return Prepare.run(jar, javaHomes);
    }
}
