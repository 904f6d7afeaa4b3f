// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The settings of a guard that enforces, and packages for it. */
abstract class GuardFixture {

    @TempDir
    Path directory;

    EnforcingSetup setup;
    Path plugins;
    Path copy;

    @BeforeEach
    void makeSettings() throws Exception {
        setup = new EnforcingSetup(directory);
        plugins = Files.createDirectory(directory.resolve("plugins"));
        copy = directory.resolve("copy");
    }

    Path plugin(String name, boolean signed) throws Exception {
        Path file = Files.writeString(plugins.resolve(name), name);
        if (signed) {
            setup.sign(file);
        }
        return file;
    }
}
