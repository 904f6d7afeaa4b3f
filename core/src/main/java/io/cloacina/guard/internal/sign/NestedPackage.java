// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.PackageHash;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Something in an archive that hosts extract and load as a package of its own; see {@link PackageSigner#nestedIn}.
 *
 * @param path such as {@code shop.war!/WEB-INF/lib/a.jar}
 * @param hash of the file or directory that is extracted
 */
public record NestedPackage(Path path, PackageHash hash) {
    public NestedPackage {
        Objects.requireNonNull(path);
        Objects.requireNonNull(hash);
    }
}
