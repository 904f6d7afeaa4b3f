// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.crypto.PackageHash;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The prepared classes: JDK classes that {@link io.cloacina.guard.agent.packaging.Prepare} has instrumented and put
 * into the agent jar. One is used only if the JVM has the very class that it was made from. Otherwise the class is
 * instrumented at start, which takes most of the time of a start.
 *
 * <p>Each is named by the SHA-256 of the original with its methods sorted
 * ({@link io.cloacina.guard.agent.format.ClassFile}), and of the original as it is where every JVM shows it alike; and
 * by length, CRC-32 and CRC-32C of the same, which the JVM has machine code for before it has compiled anything. No two
 * builds of a JDK are alike in these by chance. The SHA-256 rules out that they were made alike on purpose; it is
 * checked as soon as no load waits for it.
 */
public final class PreparedClasses {

    /** The directory in the agent jar, below the prefix of the isolated loader. */
    public static final String DIRECTORY = "prepared/";

    private PreparedClasses() {}

    /** The name of the entry with the instrumented form of {@code original}. */
    static String entryFor(byte[] original) {
        return DIRECTORY + PackageHash.ofContent(original).hex();
    }

    /** Another name of the entry. */
    static String quickEntryFor(byte[] original) {
        CRC32 sum = new CRC32();
        sum.update(original);
        CRC32C other = new CRC32C();
        other.update(original);
        return DIRECTORY + original.length + "-" + Long.toHexString(sum.getValue()) + "-"
                + Long.toHexString(other.getValue());
    }

    /**
     * @param entry one of the two names
     * @return null if there is none
     */
    static byte[] read(String entry) {
        return ((GuardClassLoader) PreparedClasses.class.getClassLoader()).read(entry);
    }

    /** Whether {@code prepared}, which was found by the quick name, was made from {@code original}. */
    static boolean isMadeFrom(byte[] prepared, byte[] original) {
        return Arrays.equals(prepared, read(entryFor(original)));
    }
}
