// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Which build this is. Thread-safe: the texts are constants of the build. */
public final class Version {

    private static final String[] LINES = read();

    private Version() {}

    /** The version of the artifact, for instance {@code 1.0.0}. */
    public static String number() {
        return LINES[0].strip();
    }

    /** The abbreviated hash of the commit it was built from, or {@code unknown} when it was built outside a repository. */
    public static String commit() {
        return LINES[1].strip();
    }

    private static String[] read() {
        // By this class's own loader: inside the agent's jar no other one knows the file.
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IllegalStateException("the program is incomplete: no resource [version.txt]");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
