// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.weave.PreparedClasses;
import io.cloacina.guard.agent.weave.Weaver;

/**
 * The change of one class of the JDK, on its way into the agent jar.
 *
 * @param className with dots; for readers, since nothing goes by it
 * @param entry the SHA-256 of the original, one name of the change in the jar
 * @param quickEntry its length and sums, the other name
 */
record PreparedClass(String className, String entry, String quickEntry, byte[] change) {

    /** Between the parts of a file name; in no name of a class. */
    private static final String SEPARATOR = "~";

    static PreparedClass of(Weaver.Instrumented made) {
        return new PreparedClass(
                made.name(),
                bare(PreparedClasses.entryFor(made.original())),
                bare(PreparedClasses.quickEntryFor(made.original())),
                ChangeMaker.between(made.original(), made.result()));
    }

    private static String bare(String entry) {
        return entry.substring(PreparedClasses.DIRECTORY.length());
    }

    /** @param fileName as {@link #fileName} makes it */
    static PreparedClass read(String fileName, byte[] change) {
        String[] parts = fileName.split(SEPARATOR, -1);
        return new PreparedClass(parts[0], parts[1], parts[2], change);
    }

    /** The name of a file that has the change. */
    String fileName() {
        return String.join(SEPARATOR, className, entry, quickEntry);
    }

    void putInto(PackJar jar) {
        jar.put(PreparedClasses.DIRECTORY + entry, change);
        jar.put(PreparedClasses.DIRECTORY + quickEntry, change);
        int length = Integer.parseInt(quickEntry.substring(0, quickEntry.indexOf('-')));
        jar.put(PreparedClasses.lengthEntryFor(length), new byte[] {1});
    }
}
