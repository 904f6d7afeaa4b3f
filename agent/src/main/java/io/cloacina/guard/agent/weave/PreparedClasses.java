// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.crypto.PackageHash;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The prepared classes: for classes of the JDK, the {@link io.cloacina.guard.agent.format.ClassChange changes} by which
 * they get their hooks. Which builds of the JDK the agent jar knows, stands in {@code builds.txt} of its source;
 * {@link io.cloacina.guard.agent.packaging.Prepare} adds another. A change is applied only to the very class that it
 * was made from, whatever vendor and update that is of. Every other class is instrumented at start.
 *
 * <p>Each is named by the SHA-256 of the original with its methods sorted
 * ({@link io.cloacina.guard.agent.format.ClassFile}), and of the original as it is where every JVM shows it alike; and
 * by length, CRC-32 and CRC-32C of the same, which the JVM has machine code for before it has compiled anything. No two
 * classes are alike in these by chance. The SHA-256 rules out that they were made alike on purpose; it is checked as
 * soon as no load waits for it, and afterwards the self-test tries a forbidden load through every hook.
 */
public final class PreparedClasses {

    /** The directory in the agent jar, below the prefix of the isolated loader. */
    public static final String DIRECTORY = "prepared/";

    private PreparedClasses() {}

    /** The name of the entry with the change of {@code original}. */
    public static String entryFor(byte[] original) {
        return DIRECTORY + PackageHash.ofContent(original).hex();
    }

    /** Another name of the entry. */
    public static String quickEntryFor(byte[] original) {
        CRC32 sum = new CRC32();
        sum.update(original);
        CRC32C other = new CRC32C();
        other.update(original);
        return DIRECTORY + original.length + "-" + Long.toHexString(sum.getValue()) + "-"
                + Long.toHexString(other.getValue());
    }

    /** The name of an entry that is there if any prepared class has {@code length} bytes: to sum up a class takes far longer. */
    public static String lengthEntryFor(int length) {
        return DIRECTORY + "length-" + length;
    }

    /** Whether {@code original}, or that with its methods in another order, may be prepared. */
    static boolean maybePrepared(byte[] original) {
        return read(lengthEntryFor(original.length)) != null;
    }

    /**
     * @param entry one of the two names
     * @return null if there is none
     */
    static byte @Nullable [] read(String entry) {
        return ((GuardClassLoader) PreparedClasses.class.getClassLoader()).read(entry);
    }

    /** Whether {@code change}, which was found by the quick name, was made from {@code original}. */
    static boolean isMadeFrom(byte[] change, byte[] original) {
        return Arrays.equals(change, read(entryFor(original)));
    }
}
