// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.PreparedSignature;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.sign.SignedPackage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The store of a {@link PackageSecurity}: one for changes, opened with the first, and one for verification, which needs
 * fewer privileges.
 *
 * <p>Changes are made one at a time, so that each is in the audit log when its method returns. An event that cannot be
 * recorded stays in the store and is recorded with the next change, by whichever process makes it.
 */
final class OpenStore implements AutoCloseable {

    /** Something that changes the store. */
    interface Change<T> {
        T make(JdbiStore store) throws GuardException;
    }

    final SecurityConfig config;
    final SecureRandom random = new SecureRandom();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable JdbiStore changing;
    private @Nullable JdbiStore verifying;
    private @Nullable Changes changes;

    OpenStore(SecurityConfig config) {
        this.config = config;
    }

    /** Makes the store, or brings it up to date. */
    void create() throws GuardException {
        lock.lock();
        try {
            Changes noting = config.auditLog == null ? null : new Changes(config.clock, config.auditLog);
            changing = JdbiStore.create(config.store, config.changeTimeout, config.clock, false, noting);
            if (noting != null) {
                changes = noting.of(changing);
                noting.record();
            }
        } finally {
            lock.unlock();
        }
    }

    /** For questions about keys and trust. */
    JdbiStore forKeys() {
        lock.lock();
        try {
            if (changing == null) {
                changing = JdbiStore.openForKeys(config.store, config.changeTimeout);
            }
            return changing;
        } finally {
            lock.unlock();
        }
    }

    /** For questions about packages. */
    JdbiStore forVerification() {
        lock.lock();
        try {
            if (verifying == null) {
                verifying = JdbiStore.openForVerification(config.store, config.verificationTimeout, config.connections);
            }
            return verifying;
        } finally {
            lock.unlock();
        }
    }

    /** Makes a change, and records what the store says was changed. */
    <T> T change(Change<T> change) throws GuardException {
        return changeAt(null, null, change);
    }

    /**
     * As {@link #change}, about a package.
     *
     * @param packagePath as the event names it; null if it has no path
     */
    <T> T changeAt(@Nullable PackageHash hash, @Nullable Path packagePath, Change<T> change) throws GuardException {
        lock.lock();
        try {
            begin();
            if (changes != null && packagePath != null) {
                changes.packageAt(hash, GivenFile.absolute(packagePath));
            }
            T result = made(change);
            if (changes != null) {
                changes.record();
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stores a signature, and records it if it is a new one; its file is not yet in its place.
     *
     * @param path as the event names it
     * @param event of this package, should the signature be new anywhere
     */
    SignedPackage sign(PackageSigner signer, PreparedSignature prepared, Path path, AuditEvent event)
            throws GuardException {
        lock.lock();
        try {
            begin();
            if (changes != null) {
                changes.packageAt(prepared.signed().packageHash(), path);
            }
            SignedPackage signed =
                    made(store -> signer.store(List.of(prepared.signed())).get(0));
            if (changes != null && !signed.unchanged()) {
                changes.recordSigned(event);
            }
            if (changes != null) {
                changes.allRecorded();
            }
            return signed;
        } finally {
            lock.unlock();
        }
    }

    /** Records what other processes have left, and what a change of this one has left whose outcome was not known. */
    private void begin() throws GuardException {
        JdbiStore store = forKeys();
        if (changes == null && config.auditLog != null) {
            changes = new Changes(config.clock, config.auditLog).of(store);
        }
    }

    private <T> T made(Change<T> change) throws GuardException {
        boolean done = false;
        try {
            T result = change.make(forKeys());
            done = true;
            return result;
        } finally {
            if (!done && changes != null) {
                changes.discard();
                changes = null;
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (changes != null) {
                changes.discard();
            }
            if (changing != null) {
                changing.close();
            }
            if (verifying != null) {
                verifying.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
