// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSignature;
import org.jspecify.annotations.Nullable;

/** Revocations of keys and subkeys, which count wherever in a file they stand: a program may have put them anywhere. */
final class PgpRevocation {

    private PgpRevocation() {}

    /** Whether the packet is a signature that revokes a key or a subkey. */
    static boolean is(PgpPackets.Packet packet) {
        byte[] body = packet.body();
        if (packet.tag() != PgpPackets.SIGNATURE || body.length < 3) {
            return false;
        }
        // Up to version 3, the length of what is hashed is before the type.
        int type = body[0] < 4 ? body[2] : body[1];
        return type == PGPSignature.KEY_REVOCATION || type == PGPSignature.SUBKEY_REVOCATION;
    }

    /**
     * Tells each certificate what revokes it. What revokes none of them by their own keys may be by one whom an owner
     * has appointed, so it is told to all, unless it stands right behind the key that it is about.
     */
    static void tell(List<PgpPackets.Packet> packets, List<PgpCertificate> certificates) {
        boolean behindKey = false;
        for (PgpPackets.Packet packet : packets) {
            switch (packet.tag()) {
                case PgpPackets.PUBLIC_KEY -> behindKey = true;
                case PgpPackets.SIGNATURE -> {
                    PGPSignature signature = is(packet) ? parse(packet.whole()) : null;
                    if (signature != null && !isTaken(signature, certificates) && !behindKey) {
                        certificates.forEach(one -> one.addForeign(signature));
                    }
                }
                case PgpPackets.TRUST, PgpPackets.MARKER, PgpPackets.PADDING -> {
                    // They may stand between.
                }
                default -> behindKey = false;
            }
        }
    }

    private static boolean isTaken(PGPSignature signature, List<PgpCertificate> certificates) {
        // First those that it names, which saves trying all keys of a large file.
        List<PgpCertificate> inOrder = new ArrayList<>();
        for (PgpCertificate one : certificates) {
            inOrder.add(one.isNamedBy(signature) ? 0 : inOrder.size(), one);
        }
        for (PgpCertificate one : inOrder) {
            if (one.takes(signature)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable PGPSignature parse(byte[] packet) {
        try {
            PgpPackets.requireSound(PgpPackets.read(packet).get(0).body());
            return new PGPSignature(new BCPGInputStream(new ByteArrayInputStream(packet)));
        } catch (IOException | PGPException | RuntimeException e) {
            // What the library cannot read, it cannot check.
            return null;
        }
    }
}
