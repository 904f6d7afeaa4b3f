package io.cloacina.guard.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote beside this class. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"cloacina " + number() + " (Java " + Runtime.version() + ")"};
    }

    static String number() throws IOException {
        // By this class's own loader: inside the agent's jar there is no other that knows the file.
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IOException("the program is incomplete: no resource [version.txt]");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
