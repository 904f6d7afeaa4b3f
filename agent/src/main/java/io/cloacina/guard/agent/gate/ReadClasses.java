// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tells which classes were read from their origin, and so must be in it. Of others that a package does not hold it is
 * assumed that they were generated: proxies borrow the origin of the class that they stand before.
 */
final class ReadClasses {

    private static final String JDK_MODULE_LOADER = "jdk.internal.loader.Loader";

    private final OpenedArchives archives;

    ReadClasses(OpenedArchives archives) {
        this.archives = archives;
    }

    /**
     * Whether the class was read by a module layer's loader. Those define by {@code defineClass} what their modules'
     * readers gave them; what is defined to them in other ways was generated.
     */
    static boolean isOfModule(@Nullable ClassLoader loader, Hook hook) {
        return (hook == Hook.DEFINE_CLASS || hook == Hook.DEFINE_CLASS_BUFFER) && isJdkModuleLoader(loader);
    }

    static boolean isJdkModuleLoader(@Nullable ClassLoader loader) {
        return loader != null
                && loader.getClass().getClassLoader() == null
                && loader.getClass().getName().equals(JDK_MODULE_LOADER);
    }

    /** {@code file} was decided on, as {@code snapshot}; null for what needs no copy. */
    void judged(Path file, @Nullable Snapshot snapshot) {
        if (snapshot != null) {
            archives.judged(file, snapshot.state());
        }
    }

    /**
     * Whether a class that is not in what was decided on seems to be read from what lies, or lay, at its origin: a loader
     * goes on reading the archive that it has opened after the file was exchanged, and a directory as it is now.
     *
     * @param snapshot of the origin
     */
    boolean isOfAnother(@Nullable ClassLoader loader, Path origin, Snapshot snapshot, String className, byte[] bytes) {
        if (!Callers.isDefiner(loader)) {
            return false;
        }
        return Files.isDirectory(origin)
                ? isIn(origin, className, bytes)
                : archives.mayBeAnother(origin, snapshot.state());
    }

    private static boolean isIn(Path directory, String className, byte[] bytes) {
        Path file = directory.resolve(className.replace('.', '/') + ".class");
        try {
            return Files.isRegularFile(file)
                    && Files.size(file) == bytes.length
                    && Arrays.equals(Files.readAllBytes(file), bytes);
        } catch (IOException e) {
            // What is there cannot be read, by its loader neither.
            return false;
        }
    }
}
