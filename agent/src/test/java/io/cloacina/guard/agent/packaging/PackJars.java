// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Changes copies of the agent jar. */
public final class PackJars {

    private PackJars() {}

    /** Has {@code change} make another of every file whose name matches {@code pattern}. */
    public static void changeAll(Path jar, String pattern, UnaryOperator<byte[]> change) throws IOException {
        PackJar content = PackJar.read(jar);
        List<String> names = new ArrayList<>();
        content.names().forEach(names::add);
        for (String name : names) {
            if (name.matches(pattern)) {
                content.put(name, change.apply(content.get(name)));
            }
        }
        content.replace(jar);
    }

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
