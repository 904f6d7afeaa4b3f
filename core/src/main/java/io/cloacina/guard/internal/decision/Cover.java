// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.crypto.PackageHash;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A package that holds the same bytes as something that is loaded from elsewhere.
 *
 * @param path the covering package as events name it
 * @param packageHash its hash; null if it is part of the application and needs no signature
 * @param signatureFile where its detached signature would be; null if there can be none
 * @param isLoaded whether it was loaded itself, and so is on record; false for an archive that was only opened
 * @param around archives inside it in which the bytes lie: none of them may be withdrawn
 */
public record Cover(
        String path,
        @Nullable PackageHash packageHash,
        @Nullable Path signatureFile,
        boolean isLoaded,
        List<PackageHash> around) {

    /** A package that holds the bytes directly. */
    public Cover(String path, @Nullable PackageHash packageHash, @Nullable Path signatureFile, boolean isLoaded) {
        this(path, packageHash, signatureFile, isLoaded, List.of());
    }

    /** A package that was loaded itself. */
    public Cover(String path, @Nullable PackageHash packageHash, @Nullable Path signatureFile) {
        this(path, packageHash, signatureFile, true);
    }

    /** The covering package as a load, by {@code hook} for {@code classLoader}. */
    Load asLoad(String hook, @Nullable String classLoader) {
        return new Load(Load.Kind.JAR, Path.of(path), signatureFile, path, hook, classLoader);
    }
}
