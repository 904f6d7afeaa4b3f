// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.StatementSignature;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.PackageStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Stores what was signed, in one transaction for each version. */
final class SignatureRows {

    /** What a row is about. */
    private record Subject(PackageHash hash, Fingerprint key) {}

    private final KeyStore store;
    private final UUID orgId;

    SignatureRows(KeyStore store, UUID orgId) {
        this.store = store;
        this.orgId = orgId;
    }

    /** @return what is signed now, in the same order */
    List<SignedPackage> store(List<SignedPackage> signed) throws StoreUnavailableException {
        List<PackageSignature> signatures = new ArrayList<>();
        List<StatementRow> statements = new ArrayList<>();
        for (SignedPackage one : signed) {
            if (one.signature() != null) {
                signatures.add(new PackageSignature(
                        UUID.randomUUID(),
                        one.packageHash(),
                        one.keyFingerprint(),
                        one.signature().signature(),
                        one.signature().signedAt(),
                        orgId));
            } else {
                statements.add(new StatementRow(
                        UUID.randomUUID(),
                        one.packageHash(),
                        one.keyFingerprint(),
                        one.statement().envelope().encode(),
                        one.statement().signedAt(),
                        orgId,
                        name(one.statement())));
            }
        }
        Set<Subject> there = new HashSet<>();
        storeSignatures(signatures, there);
        storeStatements(statements, there);
        List<SignedPackage> done = new ArrayList<>();
        for (SignedPackage one : signed) {
            done.add(one.stored(there.contains(new Subject(one.packageHash(), one.keyFingerprint()))));
        }
        return done;
    }

    private static String name(StatementSignature signature) {
        try {
            return PackageStatement.parse(signature.envelope().payload()).name();
        } catch (MalformedSignatureException e) {
            throw new IllegalStateException("what was just signed is no statement", e);
        }
    }

    private void storeSignatures(List<PackageSignature> rows, Set<Subject> there) throws StoreUnavailableException {
        if (rows.isEmpty()) {
            return;
        }
        for (PackageSignature row : store.signatures().addAll(rows)) {
            there.add(new Subject(row.packageHash(), row.keyFingerprint()));
            for (PackageSignature present : store.signatures().of(row.packageHash())) {
                // Ed25519 gives the same signature for the same package: another one in its place is damaged.
                if (present.keyFingerprint().equals(row.keyFingerprint())
                        && !Arrays.equals(present.signature(), row.signature())) {
                    store.signatures().replace(row);
                    there.remove(new Subject(row.packageHash(), row.keyFingerprint()));
                }
            }
        }
    }

    private void storeStatements(List<StatementRow> rows, Set<Subject> there) throws StoreUnavailableException {
        if (rows.isEmpty()) {
            return;
        }
        for (StatementRow row : store.statements().addAll(rows)) {
            there.add(new Subject(row.packageHash(), row.keyFingerprint()));
            for (StatementRow present : store.statements().of(row.packageHash())) {
                if (present.keyFingerprint().equals(row.keyFingerprint())
                        && !Arrays.equals(present.envelope(), row.envelope())) {
                    // The key's newest statement is the one that holds.
                    store.statements().replace(row);
                    there.remove(new Subject(row.packageHash(), row.keyFingerprint()));
                }
            }
        }
    }
}
