// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A package that is signed now.
 *
 * @param path the file or directory as it was given
 * @param signature its hash, the key, the signature, and since when it is signed
 * @param signatureFile where the detached signature is; null if none was wanted
 * @param stored whether the signature is in the trust store
 * @param unchanged whether it was wherever it is wanted before
 */
public record SignedPackage(
        Path path, DetachedSignature signature, Path signatureFile, boolean stored, boolean unchanged) {
    public SignedPackage {
        Objects.requireNonNull(path);
        Objects.requireNonNull(signature);
    }
}
