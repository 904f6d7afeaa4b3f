// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.sign.PackageRules;
import io.cloacina.guard.internal.sign.SignedPackages;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.StoredSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an organisation says about packages, however they are signed: which are withdrawn, and which versions are too old;
 * and what is signed.
 *
 * <p>What is asked twice is done once, and first dates stay. Every method throws {@link StoreUnavailableException} if the
 * store does not answer, {@link KeyException} with its reason if something may not or cannot be done, and
 * {@link AuditFailedException} if what was done could not be recorded. Each change is in the audit log. Safe for use by
 * many threads.
 */
public final class Packages {

    private final OpenStore store;

    Packages(OpenStore store) {
        this.store = store;
    }

    /**
     * Withdraws a package: it is refused from the next verification on, whatever it is signed with.
     *
     * @param hash of the package: {@link PackageHash#ofContent}, or the one of an event
     * @param reason at most 1,000 code points without control characters; null for none
     * @throws KeyException {@code BAD_REASON}
     */
    public Change<WithdrawnPackage> withdraw(PackageHash hash, @Nullable String reason) throws GuardException {
        return store.change(opened -> rules(opened).withdraw(org(), hash, reason));
    }

    /**
     * Lets a package count again, as far as this organisation has withdrawn it.
     *
     * @throws KeyException {@code NOT_WITHDRAWN} if it never has
     */
    public Change<WithdrawnPackage> reinstate(PackageHash hash) throws GuardException {
        return store.change(opened -> rules(opened).reinstate(org(), hash));
    }

    /**
     * As {@link #withdraw(PackageHash, String)}, the package in a file or directory, as
     * {@link PackageSecurity#verify} takes it.
     *
     * @throws UnreadablePackageException if it cannot be read
     */
    public Change<WithdrawnPackage> withdraw(Path packagePath, @Nullable String reason) throws GuardException {
        PackageHash hash = Verification.hash(packagePath);
        return store.changeAt(hash, packagePath, opened -> rules(opened).withdraw(org(), hash, reason));
    }

    /**
     * As {@link #reinstate(PackageHash)}, the package in a file or directory.
     *
     * @throws UnreadablePackageException if it cannot be read
     */
    public Change<WithdrawnPackage> reinstate(Path packagePath) throws GuardException {
        PackageHash hash = Verification.hash(packagePath);
        return store.changeAt(hash, packagePath, opened -> rules(opened).reinstate(org(), hash));
    }

    /** As {@link #withdraw(PackageHash, String)}, for every organisation of the store. */
    public Change<WithdrawnPackage> withdrawEverywhere(PackageHash hash, @Nullable String reason)
            throws GuardException {
        return store.change(opened -> rules(opened).withdraw(Withdrawal.EVERY_ORGANISATION, hash, reason));
    }

    /**
     * Takes {@link #withdrawEverywhere} back; what organisations have withdrawn themselves stays withdrawn for them.
     *
     * @throws KeyException {@code NOT_WITHDRAWN} if the package was never withdrawn for every organisation
     */
    public Change<WithdrawnPackage> reinstateEverywhere(PackageHash hash) throws GuardException {
        return store.change(opened -> rules(opened).reinstate(Withdrawal.EVERY_ORGANISATION, hash));
    }

    /** Every stored signature, oldest first, then what counts as withdrawn without having one. */
    public List<StoredSignature> signed() throws GuardException {
        return new SignedPackages(store.forKeys()).all(org());
    }

    /**
     * Every stored signature by one key, oldest first.
     *
     * @param key a full fingerprint, or what chooses a signing key of the organisation, or else one that it trusts
     * @throws KeyException {@code UNKNOWN_KEY}, {@code AMBIGUOUS_KEY}
     */
    public List<StoredSignature> signedBy(String key) throws GuardException {
        return new SignedPackages(store.forKeys()).by(org(), key);
    }

    /** What counts as withdrawn for the organisation, by whichever organisation it was withdrawn; oldest first. */
    public List<WithdrawnPackage> withdrawn() throws GuardException {
        return rules(store.forKeys()).withdrawn(org());
    }

    /**
     * Sets the lowest version of a package that counts, also below the present one.
     *
     * @param packageName as signatures of version 2 name it
     * @param minimumVersion as {@link java.lang.module.ModuleDescriptor.Version} reads it
     * @throws KeyException {@code BAD_NAME}, {@code BAD_VERSION}
     */
    public Change<VersionFloor> setFloor(String packageName, String minimumVersion) throws GuardException {
        return store.change(opened -> rules(opened).setFloor(org(), packageName, minimumVersion));
    }

    /**
     * Lets every version of a package count again.
     *
     * @return whether there was a floor
     */
    public boolean removeFloor(String packageName) throws GuardException {
        return store.change(opened -> rules(opened).removeFloor(org(), packageName));
    }

    /** The floors of the organisation, by name. */
    public List<VersionFloor> floors() throws GuardException {
        return rules(store.forKeys()).floors(org());
    }

    private UUID org() {
        return store.config.organisation;
    }

    private PackageRules rules(JdbiStore opened) {
        return new PackageRules(opened, store.config.clock, store.random);
    }
}
