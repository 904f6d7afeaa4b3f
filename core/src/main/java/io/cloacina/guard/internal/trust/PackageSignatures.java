// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.List;

/** The rows of {@code package_signatures}; what {@link KeyStore} promises holds for each method. */
public interface PackageSignatures {

    /** @return false if there is a signature by this key of this package */
    boolean add(PackageSignature row) throws StoreUnavailableException;

    /**
     * Adds all of them, in one transaction, but for those of packages of which there is a signature by the same key.
     *
     * @return the rows that were not added
     */
    List<PackageSignature> addAll(List<PackageSignature> rows) throws StoreUnavailableException;

    /** Puts {@code row.signature()} and {@code row.signedAt()} in the place of what the same key has for the package. */
    boolean replace(PackageSignature row) throws StoreUnavailableException;

    /** How many packages have signatures both by this key and by another. */
    long packagesAlsoSignedByOthers(Fingerprint fingerprint) throws StoreUnavailableException;

    /** All signatures of a package, oldest first. */
    List<PackageSignature> of(PackageHash packageHash) throws StoreUnavailableException;

    /** All signatures by a key, oldest first. */
    List<PackageSignature> by(Fingerprint fingerprint) throws StoreUnavailableException;

    /** All signatures there are, oldest first. */
    List<PackageSignature> all() throws StoreUnavailableException;
}
