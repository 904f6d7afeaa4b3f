// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.internal.trust.WithdrawnPackages;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.io.Closeable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A trust store for verification whose classes are loaded with the first question: a JVM that loads no package needs none
 * of them, and some have no module {@code java.sql}. Safe for use by many threads.
 */
public final class StoreOnDemand implements TrustStore, Closeable {

    private final StoreUrl url;
    private final Duration timeout;
    private final int connections;
    private @Nullable JdbiStore store;
    private boolean closed;

    /**
     * @param timeout above zero; bounds every wait
     * @param connections as for {@link JdbiStore#openForVerification(StoreUrl, Duration, int)}
     */
    public StoreOnDemand(StoreUrl url, Duration timeout, int connections) {
        this.url = url;
        this.connections = connections;
        this.timeout = timeout;
    }

    public StoreUrl url() {
        return url;
    }

    @Override
    public Answer ask(Question question) throws StoreUnavailableException {
        return store().ask(question);
    }

    /** As {@link JdbiStore#prepare}. */
    public void prepare() {
        try {
            store().prepare();
        } catch (StoreUnavailableException e) {
            // The first question will meet the same, and can say so.
            return;
        }
    }

    /** As {@link JdbiStore#watch}. */
    public TrustWatch watch() throws StoreUnavailableException {
        return store().watch();
    }

    /** As {@link JdbiStore#grants}. */
    public Optional<TrustGrant> grant(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException {
        return store().grants().find(parentOrgId, childOrgId);
    }

    /** As {@link WithdrawnPackages#countingFor(UUID, Collection)}. */
    public List<WithdrawnPackage> withdrawn(UUID orgId, Collection<PackageHash> packages)
            throws StoreUnavailableException {
        return store().withdrawnPackages().countingFor(orgId, packages);
    }

    /** Whether this JVM can have a store at all. */
    public static boolean isPossible() {
        return ModuleLayer.boot().findModule("java.sql").isPresent();
    }

    private synchronized JdbiStore store() throws StoreUnavailableException {
        if (store == null) {
            if (closed) {
                throw new StoreUnavailableException("the trust store is closed", null);
            }
            if (!isPossible()) {
                throw new StoreUnavailableException(
                        "this JVM was started without the module java.sql: add --add-modules=java.sql", null);
            }
            store = JdbiStore.openForVerification(url, timeout, connections);
        }
        return store;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (store != null) {
            store.close();
        }
    }
}
