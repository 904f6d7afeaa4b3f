// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.crypto.PackageHash;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * JDK classes that were woven beforehand, by {@link io.cloacina.guard.agent.packaging.Prepare}, and lie in the agent
 * jar. One is used only where the JVM has the very class that it was made from; otherwise the class is woven now, which
 * takes most of the time of a start.
 *
 * <p>Each is named by the SHA-256 of the original with its methods sorted
 * ({@link io.cloacina.guard.agent.format.ClassFile}), and of the original as it is where every JVM shows it alike; and
 * by length, CRC-32 and CRC-32C of the same, which the JVM has machine code for before it has compiled anything. No two
 * builds of a JDK are alike in these by chance; that nobody made them so shows the other name, which is checked as soon
 * as nothing waits for it.
 */
public final class PreparedClasses {

    /** The directory in the agent jar, below the prefix of the isolated loader. */
    public static final String DIRECTORY = "woven/";

    private PreparedClasses() {}

    /** The entry's name for what {@code original} is woven into. */
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

    /** Whether {@code woven}, which was found by the quick name, was made from {@code original}. */
    static boolean isMadeFrom(byte[] woven, byte[] original) {
        return Arrays.equals(woven, read(entryFor(original)));
    }
}
