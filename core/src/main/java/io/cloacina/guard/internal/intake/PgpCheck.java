// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.jspecify.annotations.Nullable;

/**
 * Checks one detached OpenPGP signature file while the package is read once. Of several signatures one good one by a key
 * that was named is enough, as elsewhere with this program: who can put bad ones beside it could as well remove it.
 *
 * <p>For one thread.
 */
final class PgpCheck {

    static final int MOST_BYTES = 1 << 18;

    /** More would only cost time: each is hashed. */
    private static final int MOST_SIGNATURES = 16;

    private final PgpKeyFile keys;
    private final String file;
    private final PackageHash digest;
    private final Instant now;
    private final List<Candidate> candidates = new ArrayList<>();
    private @Nullable IntakeRefusedException problem;

    /** A signature that is good if it is one of the package. */
    private record Candidate(PGPSignature signature, PgpCertificate by, PGPPublicKey key) {}

    /** @param digest of the signature file */
    private PgpCheck(PgpKeyFile keys, String file, PackageHash digest, Instant now) {
        this.keys = keys;
        this.file = file;
        this.digest = digest;
        this.now = now;
    }

    /**
     * Reads a signature file.
     *
     * @param file its name, for messages
     * @throws IntakeRefusedException if none of the signatures in it can be good, whatever the package is
     */
    static PgpCheck begin(PgpKeyFile keys, byte[] content, String file, Instant now) throws IntakeRefusedException {
        PgpCheck check = new PgpCheck(keys, file, PackageHash.ofContent(content), now);
        List<byte[]> signatures;
        try {
            signatures = signatures(content);
        } catch (IllegalArgumentException e) {
            throw check.refused(Reason.MALFORMED_EVIDENCE, "is no detached signature: " + e.getMessage(), e);
        }
        for (byte[] signature : signatures) {
            check.look(signature);
        }
        if (check.candidates.isEmpty()) {
            throw check.refusal();
        }
        return check;
    }

    /** The packets; at least one. */
    private static List<byte[]> signatures(byte[] content) {
        if (content.length > MOST_BYTES) {
            throw new IllegalArgumentException("it has more than 256 KiB");
        }
        List<PgpPackets.Packet> packets = new ArrayList<>();
        if (PgpArmor.isBinary(content)) {
            packets.addAll(PgpPackets.read(content));
        } else {
            for (PgpArmor.Block block : PgpArmor.read(content)) {
                if (!block.type().equals("SIGNATURE")) {
                    throw new IllegalArgumentException(
                            block.type().equals("SIGNED MESSAGE")
                                            || block.type().equals("MESSAGE")
                                    ? "it is a message with its signature in it; gpg --detach-sign makes what is wanted"
                                    : "it has a block of type [" + Printable.of(block.type()) + "]");
                }
                packets.addAll(PgpPackets.read(block.content()));
            }
        }
        List<byte[]> signatures = new ArrayList<>();
        for (PgpPackets.Packet packet : packets) {
            switch (packet.tag()) {
                case PgpPackets.SIGNATURE -> signatures.add(packet.whole());
                case PgpPackets.MARKER, PgpPackets.PADDING -> {
                    // They say nothing.
                }
                case PgpPackets.ONE_PASS_SIGNATURE, PgpPackets.COMPRESSED, PgpPackets.LITERAL ->
                    throw new IllegalArgumentException(
                            "it is a message with its signature in it; gpg --detach-sign makes what is wanted");
                default -> throw new IllegalArgumentException("it has a packet of type " + packet.tag());
            }
        }
        if (signatures.isEmpty()) {
            throw new IllegalArgumentException("there is no signature in it");
        }
        if (signatures.size() > MOST_SIGNATURES) {
            throw new IllegalArgumentException("it has more than " + MOST_SIGNATURES + " signatures");
        }
        return signatures;
    }

    private PGPSignature parse(byte[] packet) throws IntakeRefusedException {
        try {
            int version = PgpPackets.requireSound(PgpPackets.read(packet).get(0).body());
            if (version != 4 && version != 6) {
                throw refused(Reason.MALFORMED_EVIDENCE, "is of version " + version + "; versions 4 and 6 count", null);
            }
            return new PGPSignature(new BCPGInputStream(new ByteArrayInputStream(packet)));
        } catch (IOException | PGPException | RuntimeException e) {
            throw refused(Reason.MALFORMED_EVIDENCE, "has a signature that cannot be read", e);
        }
    }

    private void look(byte[] packet) {
        try {
            PGPSignature signature = parse(packet);
            requireOfBytes(signature);
            boolean known = false;
            for (PgpCertificate certificate : keys.certificates()) {
                for (PGPPublicKey key : certificate.keys()) {
                    if (PgpSignatureRules.isOf(signature, key)) {
                        known = true;
                        // Each has a state of its own while the package is read.
                        look(parse(packet), certificate, key);
                    }
                }
            }
            if (!known) {
                String by = signature.getKeyID() == 0
                        ? "does not say by which key it is"
                        : "is by key " + String.format(Locale.ROOT, "%016X", signature.getKeyID())
                                + ", which is not in " + keys;
                problem = worse(refused(Reason.UNKNOWN_SIGNER, by, null));
            }
        } catch (IntakeRefusedException e) {
            problem = worse(e);
        }
    }

    private void requireOfBytes(PGPSignature signature) throws IntakeRefusedException {
        int type = signature.getSignatureType();
        if (type == PGPSignature.CANONICAL_TEXT_DOCUMENT) {
            throw refused(
                    Reason.MALFORMED_EVIDENCE,
                    "is a signature of text, which leaves open what the bytes are; one of the bytes is wanted",
                    null);
        }
        if (type != PGPSignature.BINARY_DOCUMENT) {
            throw refused(
                    Reason.MALFORMED_EVIDENCE,
                    "is no signature of a file but of type 0x" + String.format(Locale.ROOT, "%02x", type),
                    null);
        }
    }

    private void look(PGPSignature signature, PgpCertificate certificate, PGPPublicKey key) {
        try {
            IntakeRefusedException wrong = PgpSignatureRules.problem(signature, key, now);
            if (wrong != null) {
                throw wrong;
            }
            certificate.requireMaySign(key, now);
            signature.init(new BcPGPContentVerifierBuilderProvider(), key);
            candidates.add(new Candidate(signature, certificate, key));
        } catch (IntakeRefusedException e) {
            problem = worse(refused(e.reason(), e.getMessage(), e));
        } catch (PGPException | RuntimeException e) {
            problem = worse(refused(Reason.MALFORMED_EVIDENCE, "has a signature that cannot be read", e));
        }
    }

    /** That of a known key tells more than that of a stranger. */
    private IntakeRefusedException worse(IntakeRefusedException other) {
        return problem == null || problem.reason() == Reason.UNKNOWN_SIGNER ? other : problem;
    }

    /** The next bytes of the package. */
    void update(byte[] buffer, int length) {
        for (Candidate one : candidates) {
            one.signature().update(buffer, 0, length);
        }
    }

    /** @throws IntakeRefusedException if no signature is good */
    Evidence finish() throws IntakeRefusedException {
        for (Candidate one : candidates) {
            if (isGood(one)) {
                return new Evidence(
                        Evidence.PGP,
                        one.by().fingerprint(),
                        digest.hex(),
                        Printable.of(one.by().owner()));
            }
        }
        Candidate first = candidates.get(0);
        throw refused(
                Reason.INVALID_EVIDENCE,
                "is no signature of these bytes by key " + first.by().fingerprint()
                        + ": the package or the signature was changed, or they do not belong together",
                null);
    }

    private static boolean isGood(Candidate one) {
        try {
            return one.signature().verify();
        } catch (PGPException | RuntimeException e) {
            return false;
        }
    }

    private IntakeRefusedException refusal() {
        return problem == null ? refused(Reason.MALFORMED_EVIDENCE, "has no signature", null) : problem;
    }

    private IntakeRefusedException refused(Reason reason, @Nullable String what, @Nullable Throwable cause) {
        return new IntakeRefusedException(reason, "[" + file + "] " + what, cause);
    }
}
