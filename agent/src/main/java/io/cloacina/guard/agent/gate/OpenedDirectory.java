// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a class path or a module's reader has opened. It is decided on with the first class or resource that is
 * read from it: one that nothing is read from, as one whose JARs are listed, needs no signature.
 */
final class OpenedDirectory {

    /** The directory where its host keeps it, absolute. */
    final File original;

    final Hook hook;

    /** Null for a module, and where it is not known. */
    final @Nullable Object ucp;

    /** Where the JDK is to read from until then: nothing but directories is ever there. */
    final Path place;

    // Guarded by this object, so that two threads do not decide and record it twice.
    private boolean decided;
    private boolean resourcesOnly;
    private boolean resourceRecorded;
    private boolean classRefused;
    private Refusals.@Nullable Refused refused;

    OpenedDirectory(File original, Hook hook, @Nullable Object ucp, Path place) {
        this.original = original;
        this.hook = hook;
        this.ucp = ucp;
        this.place = place;
    }

    /** Whether there is something called {@code name}, as the JDK looks for it. */
    boolean holds(String name) {
        File file = new File(original, name);
        if (!name.contains("..")) {
            return file.exists();
        }
        try {
            File real = file.getCanonicalFile();
            return real.getPath().startsWith(original.getPath() + File.separator) && real.exists();
        } catch (IOException e) {
            // Then the JDK does not find it either.
            return false;
        }
    }

    /** Whether {@code name} is a directory, of which nothing but its place can be read. */
    boolean holdsDirectory(String name) {
        return !name.contains("..") && new File(original, name).isDirectory();
    }

    boolean isDecided() {
        return decided;
    }

    void decided() {
        decided = true;
    }

    /** {@code cloacina.resource_directories} names it. */
    void decidedAsResources() {
        decided = true;
        resourcesOnly = true;
    }

    boolean isResourcesOnly() {
        return resourcesOnly;
    }

    boolean isResourceRecorded() {
        return resourceRecorded;
    }

    void resourceRecorded() {
        resourceRecorded = true;
    }

    /** Whether this is the first class. */
    boolean isFirstClass() {
        boolean first = !classRefused;
        classRefused = true;
        return first;
    }

    void refused(PackageRefusedException why) {
        decided = true;
        refused = Refusals.Refused.of(why);
    }

    /** Throws what it was refused for, if it was. */
    void requireNotRefused() {
        if (refused != null) {
            throw refused.toException();
        }
    }
}
