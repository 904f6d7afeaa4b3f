// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.trust.PackageSignature;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/** An open trust store in which {@link #ORG} trusts the key of a test's packages, or does so no longer. */
final class TestStore implements AutoCloseable {

    static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Packages packages;
    private final JdbiStore store;

    private TestStore(Packages packages, JdbiStore store) {
        this.packages = packages;
        this.store = store;
    }

    /** A new store that trusts nothing. */
    static TestStore create(String url, Packages packages) throws Exception {
        return new TestStore(packages, JdbiStore.create(StoreUrl.parse(url), TIMEOUT, Clock.systemUTC()));
    }

    JdbiStore store() {
        return store;
    }

    private TrustManager manager() {
        return new TrustManager(store, Clock.systemUTC(), new SecureRandom());
    }

    TestStore trust() throws Exception {
        manager().trustPublicKey(ORG, packages.key().publicKey(), "release", false);
        return this;
    }

    void revoke() throws Exception {
        manager().revokeTrustedKey(ORG, packages.key().publicKey().fingerprint().hex());
    }

    void reinstate() throws Exception {
        manager().trustPublicKey(ORG, packages.key().publicKey(), "release", true);
    }

    /** Stores a signature of a file. */
    TestStore sign(Path file) throws Exception {
        PackageHash hash = PackageSnapshot.hash(file);
        store.signatures()
                .add(new PackageSignature(
                        UUID.randomUUID(),
                        hash,
                        packages.key().publicKey().fingerprint(),
                        packages.key().sign(hash.bytes()),
                        Clock.systemUTC().instant(),
                        ORG));
        return this;
    }

    @Override
    public void close() {
        store.close();
    }
}
