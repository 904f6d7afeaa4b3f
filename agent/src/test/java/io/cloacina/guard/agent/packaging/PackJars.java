// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Changes copies of the agent jar. */
public final class PackJars {

    private PackJars() {}

    /** Takes every file whose name matches {@code pattern} out of the pack. */
    public static void removeAll(Path jar, String pattern) throws IOException {
        PackJar content = PackJar.read(jar);
        List<String> names = new ArrayList<>();
        content.names().forEach(names::add);
        for (String name : names) {
            if (name.matches(pattern)) {
                content.remove(name);
            }
        }
        content.replace(jar);
    }
}
