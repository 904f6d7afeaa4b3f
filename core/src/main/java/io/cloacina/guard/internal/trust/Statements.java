// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.List;

/**
 * The rows of {@code guard_statements}; what {@link KeyStore} promises holds for each method. A store without the table
 * has no rows.
 */
public interface Statements {

    /** @return false if there is a statement by this key about this package */
    boolean add(StatementRow row) throws StoreUnavailableException;

    /**
     * Adds all of them, in one transaction, but for those of packages of which there is a statement by the same key.
     *
     * @return the rows that were not added
     */
    List<StatementRow> addAll(List<StatementRow> rows) throws StoreUnavailableException;

    /** Puts {@code row.envelope()} and {@code row.signedAt()} in the place of what the same key has for the package. */
    boolean replace(StatementRow row) throws StoreUnavailableException;

    /** All statements about a package, oldest first. */
    List<StatementRow> of(PackageHash packageHash) throws StoreUnavailableException;

    /** All statements by a key, oldest first. */
    List<StatementRow> by(Fingerprint fingerprint) throws StoreUnavailableException;

    /** All statements there are, oldest first. */
    List<StatementRow> all() throws StoreUnavailableException;
}
