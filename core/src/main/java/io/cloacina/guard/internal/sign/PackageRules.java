// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.KeyName;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.PackageVersion;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an organisation says about packages, however they are signed: which are withdrawn, and which versions are too old.
 *
 * <p>What is asked twice is done once, and first dates stay. Every method throws {@link StoreUnavailableException} if the
 * store does not answer, and {@link KeyException} with the reason if something may not or cannot be done; then nothing was
 * changed. Safe for use by many threads.
 */
public final class PackageRules {

    private static final int MOST_OF_VERSION = 255;
    private static final String EXPOSED = "; if it is a secret, it must be considered exposed";

    private final KeyStore store;
    private final NewRows rows;

    public PackageRules(KeyStore store, Clock clock, SecureRandom random) {
        this.store = Objects.requireNonNull(store);
        this.rows = new NewRows(clock, random);
    }

    /**
     * Withdraws a package: it is refused from now on, whatever it is signed with. One that was reinstated is withdrawn
     * anew.
     *
     * @param orgId the nil UUID for every organisation
     * @param reason at most 1,000 code points without control characters; null for none
     * @throws KeyException {@code BAD_REASON}
     */
    public Change<WithdrawnPackage> withdraw(UUID orgId, PackageHash hash, @Nullable String reason)
            throws KeyException, StoreUnavailableException {
        if (reason != null) {
            requireReason(reason);
        }
        WithdrawnPackage fresh = new WithdrawnPackage(rows.newId(), orgId, hash, reason, rows.now(), null);
        boolean changed = store.withdrawnPackages().withdraw(fresh);
        return new Change<>(row(orgId, hash), changed);
    }

    private static void requireReason(String reason) throws KeyException {
        int length = reason.codePointCount(0, reason.length());
        String problem = length == 0 || length > WithdrawnPackage.MOST_OF_REASON
                ? "a reason has 1 to 1,000 characters, not [" + length + "]"
                : !KeyName.isPlain(reason)
                        ? "a reason has no control characters and no line breaks"
                        : KeyText.isIn(reason) ? "the reason holds what looks like the text of a key" + EXPOSED : null;
        if (problem != null) {
            throw new KeyException(Reason.BAD_REASON, problem);
        }
    }

    /**
     * Lets a package count again, as far as this organisation has withdrawn it.
     *
     * @param orgId the nil UUID for what was withdrawn for every organisation
     * @throws KeyException {@code NOT_WITHDRAWN} if the organisation never withdrew it
     */
    public Change<WithdrawnPackage> reinstate(UUID orgId, PackageHash hash)
            throws KeyException, StoreUnavailableException {
        boolean changed = store.withdrawnPackages().reinstate(orgId, hash, rows.now());
        Optional<WithdrawnPackage> row = store.withdrawnPackages().find(orgId, hash);
        if (row.isEmpty()) {
            throw new KeyException(
                    Reason.NOT_WITHDRAWN,
                    "organisation [" + orgId + "] has not withdrawn the package with SHA-256 [" + hash + "]");
        }
        return new Change<>(row.get(), changed);
    }

    /** What counts as withdrawn for an organisation, also by another one; oldest first. */
    public List<WithdrawnPackage> withdrawn(UUID orgId) throws StoreUnavailableException {
        return store.withdrawnPackages().countingFor(orgId);
    }

    private WithdrawnPackage row(UUID orgId, PackageHash hash) throws StoreUnavailableException {
        return store.withdrawnPackages()
                .find(orgId, hash)
                .orElseThrow(() -> NewRows.vanished("withdrawn package [" + hash + "]"));
    }

    /**
     * Sets the lowest version of a package that counts, also below the present one.
     *
     * @param packageName as signatures of version 2 name it
     * @throws KeyException {@code BAD_NAME}, {@code BAD_VERSION}
     */
    public Change<VersionFloor> setFloor(UUID orgId, String packageName, String minimumVersion)
            throws KeyException, StoreUnavailableException {
        requirePackageName(packageName);
        requireVersion(minimumVersion);
        VersionFloor fresh = new VersionFloor(rows.newId(), orgId, packageName, minimumVersion, rows.now());
        boolean changed = store.versionFloors().set(fresh);
        return new Change<>(
                store.versionFloors()
                        .find(orgId, packageName)
                        .orElseThrow(() -> NewRows.vanished("version floor [" + packageName + "]")),
                changed);
    }

    private static void requirePackageName(String name) throws KeyException {
        try {
            PackageStatement.requireName(name);
        } catch (IllegalArgumentException e) {
            throw new KeyException(Reason.BAD_NAME, "the name of the package " + e.getMessage(), e);
        }
        if (KeyText.isIn(name)) {
            throw new KeyException(Reason.BAD_NAME, "the name of the package looks like the text of a key" + EXPOSED);
        }
    }

    private static void requireVersion(String version) throws KeyException {
        try {
            PackageVersion.require(version);
        } catch (IllegalArgumentException e) {
            throw new KeyException(Reason.BAD_VERSION, "[" + KeyText.shown(version) + "] " + e.getMessage(), e);
        }
        if (version.length() > MOST_OF_VERSION || !KeyName.isPlain(version)) {
            throw new KeyException(
                    Reason.BAD_VERSION, "a version has at most 255 characters and no control characters");
        }
        if (KeyText.isIn(version)) {
            throw new KeyException(Reason.BAD_VERSION, "the version looks like the text of a key" + EXPOSED);
        }
    }

    /**
     * Lets every version of a package count again.
     *
     * @return whether there was a floor
     * @throws KeyException {@code BAD_NAME}
     */
    public boolean removeFloor(UUID orgId, String packageName) throws KeyException, StoreUnavailableException {
        requirePackageName(packageName);
        return store.versionFloors().remove(orgId, packageName);
    }

    /** The floors of an organisation, by name. */
    public List<VersionFloor> floors(UUID orgId) throws StoreUnavailableException {
        return store.versionFloors().of(orgId);
    }
}
