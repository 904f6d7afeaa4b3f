// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import org.jspecify.annotations.Nullable;

/** What a transaction changes in a trust store, with the row as it is afterwards. */
public sealed interface StoreChange {

    /** The tables were made, adopted, or brought up to date. */
    record Initialised(String origin, int schemaVersion) implements StoreChange {}

    record SigningKeyAdded(SigningKey key) implements StoreChange {}

    record SigningKeyRevoked(SigningKey key) implements StoreChange {}

    /** @param keys how many */
    record KeysResealed(int keys) implements StoreChange {}

    record TrustAdded(TrustedKey key) implements StoreChange {}

    record TrustRevoked(TrustedKey key) implements StoreChange {}

    record Granted(TrustGrant grant) implements StoreChange {}

    record GrantRevoked(TrustGrant grant) implements StoreChange {}

    record SignatureAdded(PackageSignature signature) implements StoreChange {}

    record StatementAdded(StatementRow statement) implements StoreChange {}

    record PackageWithdrawn(WithdrawnPackage withdrawn) implements StoreChange {}

    record PackageReinstated(WithdrawnPackage withdrawn) implements StoreChange {}

    /** @param trusted the row of trust in the key; null if there is none */
    record KeyLimited(LimitedKey limited, @Nullable TrustedKey trusted) implements StoreChange {}

    record PackageTakenIn(IntakeRow row) implements StoreChange {}

    record FloorSet(VersionFloor floor) implements StoreChange {}

    record FloorRemoved(VersionFloor floor) implements StoreChange {}

    /** Makes the event of a change. */
    @FunctionalInterface
    interface Notes {
        /** Called in the transaction of the change, which may still fail. */
        PendingEvent note(StoreChange change);
    }
}
