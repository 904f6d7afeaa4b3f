// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreStatus;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustedKey;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says where the workflow engine, which shares a database of the reference, judges otherwise than this program: it looks at
 * one signature of a hash, in no order, and knows no revocation by an organisation of what it inherits.
 */
final class EngineWarnings {

    private final Cli cli;
    private final @Nullable JdbiStore store;
    private final Fingerprint signer;
    private final Set<Fingerprint> others = new LinkedHashSet<>();
    private long packages;
    private @Nullable Boolean shared;

    /** @param store null when signing offline */
    EngineWarnings(Cli cli, @Nullable JdbiStore store, Fingerprint signer) {
        this.cli = cli;
        this.store = store;
        this.signer = signer;
    }

    /** Looks whether what was stored has other signatures too. */
    void look(List<SignedPackage> signed) throws StoreUnavailableException {
        if (store == null) {
            return;
        }
        if (shared == null) {
            shared = isShared(store);
        }
        if (!shared) {
            return;
        }
        for (SignedPackage one : signed) {
            if (one.signature() == null) {
                // The engine does not know version 2.
                continue;
            }
            boolean several = false;
            for (PackageSignature row : store.signatures().of(one.packageHash())) {
                if (!row.keyFingerprint().equals(signer)) {
                    others.add(row.keyFingerprint());
                    several = true;
                }
            }
            packages += several ? 1 : 0;
        }
    }

    void warn() {
        for (Fingerprint other : others) {
            cli.say(severalSignatures(packages, other));
        }
    }

    private static boolean isShared(JdbiStore store) throws StoreUnavailableException {
        return store.origin() == StoreStatus.Origin.REFERENCE;
    }

    private static String severalSignatures(long packages, Fingerprint other) {
        return "warning: " + packages + " " + (packages == 1 ? "package has" : "packages have")
                + " signatures by key " + other
                + " and by another. The workflow engine, which shares this database, looks at"
                + " only one of them, and which is not defined: if the key of that one is revoked, it refuses the package."
                + " Both agree without the old ones: DELETE FROM package_signatures WHERE key_fingerprint = '" + other
                + "' AND package_hash IN (SELECT package_hash FROM package_signatures WHERE key_fingerprint <> '"
                + other
                + "');";
    }

    /** After {@code org} has taken back its trust in a key. */
    static void warnOfRevocation(Cli cli, JdbiStore store, UUID org, Fingerprint key) throws StoreUnavailableException {
        if (!isShared(store)) {
            return;
        }
        warnOfGrants(cli, store, org, key);
        long packages = store.signatures().packagesAlsoSignedByOthers(key);
        if (packages > 0) {
            cli.say(severalSignatures(packages, key));
        }
    }

    /** After {@code org} was granted to trust another: for the keys that it revoked itself. */
    static void warnOfGrant(Cli cli, JdbiStore store, UUID org) throws StoreUnavailableException {
        if (!isShared(store)) {
            return;
        }
        for (TrustedKey own : store.trustedKeys().of(org)) {
            if (own.isRevoked()) {
                warnOfGrants(cli, store, org, own.fingerprint());
            }
        }
    }

    private static void warnOfGrants(Cli cli, JdbiStore store, UUID org, Fingerprint key)
            throws StoreUnavailableException {
        for (TrustedKey inherited : store.trustedKeys().inheritedBy(org)) {
            if (!inherited.isRevoked() && inherited.fingerprint().equals(key)) {
                cli.say("warning: organisation " + org + " has revoked key " + key + ", but the workflow engine, which"
                        + " shares this database, goes on accepting it: organisation " + inherited.orgId()
                        + " trusts it, and there is a grant to that. Both agree after: cloacina trust revoke " + key
                        + " --org " + inherited.orgId() + "   (or, for all of its keys: cloacina trust ungrant "
                        + inherited.orgId() + " --org " + org + ")");
            }
        }
    }
}
