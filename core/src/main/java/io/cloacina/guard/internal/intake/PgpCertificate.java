// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Rfc3339;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.bcpg.sig.RevocationKey;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.PGPUserAttributeSubpacketVector;
import org.jspecify.annotations.Nullable;

/**
 * An OpenPGP key with its subkeys, and which of them may sign packages now.
 *
 * <p>Stricter than most programs: a key that is revoked or has expired vouches for nothing, also not for what it says to have
 * signed before, because that time is its own word; and what binds user ids and subkeys to the key must itself be made with
 * strong algorithms. Only a revocation counts however it is made.
 *
 * <p>Safe for use by many threads.
 */
final class PgpCertificate {

    private final PGPPublicKey primary;
    private final List<PGPPublicKey> keys = new ArrayList<>();
    private final Set<PGPPublicKey> revoked = new HashSet<>();
    private final List<PGPSignature> foreign = new ArrayList<>();

    PgpCertificate(PGPPublicKeyRing ring) {
        this.primary = ring.getPublicKey();
        for (PGPPublicKey key : ring) {
            keys.add(key);
        }
    }

    /** The primary key, then the subkeys. */
    List<PGPPublicKey> keys() {
        return Collections.unmodifiableList(keys);
    }

    /** Of the primary key, as {@code gpg} prints it. */
    String fingerprint() {
        return fingerprint(primary);
    }

    private static String fingerprint(PGPPublicKey key) {
        return HexFormat.of().formatHex(key.getFingerprint()).toUpperCase(Locale.ROOT);
    }

    boolean isNamedBy(PGPSignature signature) {
        try {
            return PgpSignatureRules.isOf(signature, primary);
        } catch (RuntimeException e) {
            // The library throws what it cannot read in a signature.
            return false;
        }
    }

    /**
     * Takes a revocation that may stand anywhere.
     *
     * @return whether it revokes this key or one of its subkeys
     */
    synchronized boolean takes(PGPSignature revocation) {
        for (PGPPublicKey key : keys) {
            boolean ofKey = isPrimary(key);
            int type = ofKey ? PGPSignature.KEY_REVOCATION : PGPSignature.SUBKEY_REVOCATION;
            PgpSignatureRules.Subject subject = ofKey
                    ? signature -> signature.verifyCertification(primary)
                    : signature -> signature.verifyCertification(primary, key);
            if (revocation.getSignatureType() == type && revokes(revocation, subject)) {
                revoked.add(key);
                return true;
            }
        }
        return false;
    }

    /** Adds a revocation that may be by one whom the owner has appointed. */
    synchronized void addForeign(PGPSignature revocation) {
        foreign.add(revocation);
    }

    /** The first user id; empty if there is none. */
    String owner() {
        for (Iterator<byte[]> ids = primary.getRawUserIDs(); ids.hasNext(); ) {
            return new String(ids.next(), StandardCharsets.UTF_8);
        }
        return "";
    }

    private boolean isPrimary(PGPPublicKey key) {
        return key.hasFingerprint(primary.getFingerprint());
    }

    private String name(PGPPublicKey key) {
        return (isPrimary(key) ? "key " : "subkey ") + fingerprint(key);
    }

    /**
     * One thread at a time: the library's signatures have a state while they are verified.
     *
     * @throws IntakeRefusedException if signatures by this key, the primary one or a subkey, do not count now
     */
    synchronized void requireMaySign(PGPPublicKey key, Instant now) throws IntakeRefusedException {
        try {
            require(key, now);
        } catch (IntakeRefusedException e) {
            throw new IntakeRefusedException(
                    e.reason(), "is by " + name(key) + ", which does not count: " + e.getMessage(), e);
        }
    }

    private void require(PGPPublicKey key, Instant now) throws IntakeRefusedException {
        requireStrong(primary, now);
        if (isRevoked()) {
            throw new IntakeRefusedException(Reason.REVOKED_KEY, name(primary) + " was revoked by its owner");
        }
        PGPSignature self = newestSelfSignature(now);
        requireNotExpired(primary, self, now);
        if (!isPrimary(key)) {
            requireBound(key, now);
        } else if (hasFlags(self) && !maySign(self)) {
            throw new IntakeRefusedException(
                    Reason.UNUSABLE_KEY, name(key) + " is not meant for signing, as its key flags say");
        }
    }

    private void requireStrong(PGPPublicKey key, Instant now) throws IntakeRefusedException {
        if (key.getVersion() != 4 && key.getVersion() != 6) {
            throw new IntakeRefusedException(
                    Reason.WEAK_EVIDENCE,
                    name(key) + " is of version " + key.getVersion() + "; versions 4 and 6 count");
        }
        String weakness = PgpStrength.problem(key);
        if (weakness != null) {
            throw new IntakeRefusedException(Reason.WEAK_EVIDENCE, name(key) + " " + weakness);
        }
        Instant made = PgpSignatureRules.time(key.getCreationTime());
        if (PgpSignatureRules.isFuture(made, now)) {
            throw new IntakeRefusedException(
                    Reason.EXPIRED_EVIDENCE,
                    name(key) + " says that it was made in the future: " + Rfc3339.format(made));
        }
    }

    private void requireNotExpired(PGPPublicKey key, PGPSignature binding, Instant now) throws IntakeRefusedException {
        long seconds = binding.getHashedSubPackets().getKeyExpirationTime();
        Instant expires = PgpSignatureRules.time(key.getCreationTime()).plusSeconds(seconds);
        if (seconds != 0 && !now.isBefore(expires)) {
            throw new IntakeRefusedException(
                    Reason.EXPIRED_EVIDENCE, name(key) + " has expired on " + Rfc3339.format(expires));
        }
    }

    /** Also by whom the owner has appointed to do so: that one's key is not here, so its signature is taken for good. */
    private boolean isRevoked() {
        List<PGPSignature> others = onKey(primary);
        others.addAll(foreign);
        for (PGPSignature one : others) {
            if (one.getSignatureType() == PGPSignature.KEY_REVOCATION && isByAppointed(one)) {
                return true;
            }
        }
        return revoked.contains(primary);
    }

    @SuppressWarnings("deprecation") // RFC 9580 retires such appointments; keys that are in use hold them
    private boolean isByAppointed(PGPSignature revocation) {
        for (PGPSignature one : onKey(primary)) {
            PGPSignatureSubpacketVector hashed = one.getHashedSubPackets();
            RevocationKey[] appointed = hashed == null ? new RevocationKey[0] : hashed.getRevocationKeys();
            for (RevocationKey key : appointed) {
                byte[] fingerprint = key.getFingerprint();
                long id = 0;
                for (int i = Math.max(0, fingerprint.length - 8); i < fingerprint.length; i++) {
                    id = id << 8 | fingerprint[i] & 0xff;
                }
                if (id == revocation.getKeyID()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whomever it names as its maker. */
    private boolean revokes(PGPSignature signature, PgpSignatureRules.Subject subject) {
        return PgpSignatureRules.holds(signature, primary, subject);
    }

    private boolean isBySelf(PGPSignature signature, PgpSignatureRules.Subject subject) {
        return PgpSignatureRules.isOf(signature, primary) && PgpSignatureRules.holds(signature, primary, subject);
    }

    private static List<PGPSignature> list(@Nullable Iterator<PGPSignature> signatures) {
        List<PGPSignature> all = new ArrayList<>();
        while (signatures != null && signatures.hasNext()) {
            all.add(signatures.next());
        }
        return all;
    }

    private static List<PGPSignature> onKey(PGPPublicKey key) {
        return list(key.getKeySignatures());
    }

    /** Looks for the newest of several signatures that counts, and keeps why others do not. */
    private final class Newest {
        private final Instant now;
        private @Nullable PGPSignature found;
        private @Nullable IntakeRefusedException problem;

        Newest(Instant now) {
            this.now = now;
        }

        void look(PGPSignature signature, PgpSignatureRules.Subject subject) {
            if (!isBySelf(signature, subject)) {
                return;
            }
            IntakeRefusedException wrong = PgpSignatureRules.problem(signature, primary, now);
            if (wrong != null) {
                problem = wrong;
            } else if (found == null || PgpSignatureRules.madeAt(found).isBefore(PgpSignatureRules.madeAt(signature))) {
                found = signature;
            }
        }

        PGPSignature require(String what) throws IntakeRefusedException {
            if (found != null) {
                return found;
            }
            throw problem == null
                    ? new IntakeRefusedException(Reason.UNUSABLE_KEY, what + " is not signed by " + name(primary))
                    : new IntakeRefusedException(
                            problem.reason(),
                            "the signature of " + name(primary) + " on " + what + " " + problem.getMessage());
        }
    }

    /** The newest that says what the key is for, on the key itself or on one of its user ids. */
    private PGPSignature newestSelfSignature(Instant now) throws IntakeRefusedException {
        Newest newest = new Newest(now);
        for (Iterator<byte[]> ids = primary.getRawUserIDs(); ids.hasNext(); ) {
            byte[] id = ids.next();
            look(newest, now, list(primary.getSignaturesForID(id)), one -> one.verifyCertification(id, primary));
        }
        for (Iterator<PGPUserAttributeSubpacketVector> ids = primary.getUserAttributes(); ids.hasNext(); ) {
            PGPUserAttributeSubpacketVector id = ids.next();
            look(
                    newest,
                    now,
                    list(primary.getSignaturesForUserAttribute(id)),
                    one -> one.verifyCertification(id, primary));
        }
        if (newest.found == null && newest.problem != null) {
            // A signature on the key itself stands in for user ids that it does not have, not for those that are over.
            return newest.require("its user ids");
        }
        for (PGPSignature one : onKey(primary)) {
            // One that only appoints a revoker says nothing about the rest.
            if (one.getSignatureType() == PGPSignature.DIRECT_KEY && saysWhatFor(one)) {
                newest.look(one, signature -> signature.verifyCertification(primary));
            }
        }
        return newest.require("its user ids");
    }

    private static boolean saysWhatFor(PGPSignature signature) {
        PGPSignatureSubpacketVector hashed = signature.getHashedSubPackets();
        return hashed != null
                && (hashed.hasSubpacket(SignatureSubpacketTags.KEY_FLAGS) || hashed.getKeyExpirationTime() != 0);
    }

    /** Those of one user id, unless it was revoked after them. */
    private void look(Newest newest, Instant now, List<PGPSignature> signatures, PgpSignatureRules.Subject id) {
        Newest ofId = new Newest(now);
        for (PGPSignature one : signatures) {
            if (one.isCertification()) {
                ofId.look(one, id);
            }
        }
        if (ofId.found == null) {
            newest.problem = newest.problem == null ? ofId.problem : newest.problem;
            return;
        }
        Instant certified = PgpSignatureRules.madeAt(ofId.found);
        for (PGPSignature one : signatures) {
            if (one.getSignatureType() == PGPSignature.CERTIFICATION_REVOCATION
                    && !PgpSignatureRules.madeAt(one).isBefore(certified)
                    && revokes(one, id)) {
                newest.problem = new IntakeRefusedException(Reason.REVOKED_KEY, "was taken back");
                return;
            }
        }
        newest.look(ofId.found, id);
    }

    private static boolean hasFlags(PGPSignature binding) {
        return binding.getHashedSubPackets().hasSubpacket(SignatureSubpacketTags.KEY_FLAGS);
    }

    private static boolean maySign(PGPSignature binding) {
        return (binding.getHashedSubPackets().getKeyFlags() & KeyFlags.SIGN_DATA) != 0;
    }

    private void requireBound(PGPPublicKey subkey, Instant now) throws IntakeRefusedException {
        requireStrong(subkey, now);
        PgpSignatureRules.Subject pair = signature -> signature.verifyCertification(primary, subkey);
        if (revoked.contains(subkey)) {
            throw new IntakeRefusedException(Reason.REVOKED_KEY, name(subkey) + " was revoked by its owner");
        }
        Newest newest = new Newest(now);
        for (PGPSignature one : list(subkey.getSignatures())) {
            if (one.getSignatureType() == PGPSignature.SUBKEY_BINDING) {
                newest.look(one, pair);
            }
        }
        PGPSignature binding = newest.require(name(subkey));
        if (!maySign(binding)) {
            throw new IntakeRefusedException(
                    Reason.UNUSABLE_KEY, name(subkey) + " is not meant for signing, as its key flags say");
        }
        requireNotExpired(subkey, binding, now);
        requireOwnConsent(subkey, binding, pair, now);
    }

    /**
     * The subkey must have signed that it belongs to the primary key: otherwise the owner of any key could claim the
     * signatures of another's.
     */
    private void requireOwnConsent(
            PGPPublicKey subkey, PGPSignature binding, PgpSignatureRules.Subject pair, Instant now)
            throws IntakeRefusedException {
        IntakeRefusedException problem = new IntakeRefusedException(
                Reason.UNUSABLE_KEY, name(subkey) + " has not signed that it belongs to " + name(primary));
        // It proves itself, wherever it stands.
        for (PGPSignature one : embedded(binding)) {
            if (one.getSignatureType() != PGPSignature.PRIMARYKEY_BINDING
                    || !PgpSignatureRules.holds(one, subkey, pair)) {
                continue;
            }
            IntakeRefusedException wrong = PgpSignatureRules.problem(one, subkey, now);
            if (wrong == null) {
                return;
            }
            problem = new IntakeRefusedException(
                    wrong.reason(), "the signature of " + name(subkey) + " on its primary key " + wrong.getMessage());
        }
        throw problem;
    }

    private static List<PGPSignature> embedded(PGPSignature binding) {
        List<PGPSignature> all = new ArrayList<>();
        for (PGPSignatureSubpacketVector area :
                new PGPSignatureSubpacketVector[] {binding.getHashedSubPackets(), binding.getUnhashedSubPackets()}) {
            try {
                PGPSignatureList some = area == null ? null : area.getEmbeddedSignatures();
                if (some != null) {
                    some.forEach(all::add);
                }
            } catch (PGPException | RuntimeException e) {
                // What cannot be read is none.
            }
        }
        return all;
    }
}
