package io.cloacina.guard.agent.weave;

import io.cloacina.guard.crypto.PackageHash;
import java.io.IOException;
import java.io.InputStream;

/**
 * JDK classes that were woven beforehand, by {@link Prepare}, and lie in the agent jar. Each is named by the SHA-256 of the
 * original with its methods sorted ({@link ClassFile}), so one is used only where the JVM has the very class that it was made from; otherwise the class is woven
 * now. Weaving takes most of the time that the guard needs at start.
 */
final class WovenClasses {

    /** The folder in the agent jar, below the prefix of the isolated loader. */
    static final String FOLDER = "woven/";

    private WovenClasses() {}

    /** The entry's name, below the prefix, for what {@code original} is woven into. */
    static String entryFor(byte[] original) {
        return FOLDER + PackageHash.ofContent(original).hex();
    }

    /** Null if {@code original} was not woven beforehand. */
    static byte[] find(byte[] original) {
        try (InputStream in = WovenClasses.class.getClassLoader().getResourceAsStream(entryFor(original))) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the agent jar cannot be read", e);
        }
    }
}
