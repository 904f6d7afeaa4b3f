// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/**
 * A file with OpenPGP public keys: one, or several as in the {@code KEYS} of a project; armoured or binary. Revocations
 * may stand anywhere in it, such as behind the key where {@code cat} puts them.
 */
public final class PgpKeyFile {

    /** The {@code KEYS} of the largest projects have a few. */
    public static final int MOST_BYTES = 16 << 20;

    private final String name;
    private final List<PgpCertificate> certificates;
    private final int unreadable;

    private PgpKeyFile(String name, List<PgpCertificate> certificates, int unreadable) {
        this.name = name;
        this.certificates = certificates;
        this.unreadable = unreadable;
    }

    /**
     * @param name of the file, for messages
     * @throws IllegalArgumentException if it holds no public key that can be read, or a private one; the message says what
     *     would be right
     */
    public static PgpKeyFile read(byte[] content, String name) {
        List<PgpPackets.Packet> packets = new ArrayList<>();
        List<PgpPackets.Packet> apart = new ArrayList<>();
        if (PgpArmor.isBinary(content)) {
            packets.addAll(PgpPackets.read(content));
        } else {
            for (PgpArmor.Block block : PgpArmor.read(content)) {
                if (block.type().startsWith("PRIVATE KEY")) {
                    throw privateKey();
                }
                if (block.type().equals("PUBLIC KEY BLOCK")) {
                    packets.addAll(PgpPackets.read(block.content()));
                }
                if (block.type().equals("SIGNATURE")) {
                    // Some programs write a revocation so.
                    apart.addAll(PgpPackets.read(block.content()));
                }
            }
        }
        Map<String, PGPPublicKeyRing> found = new LinkedHashMap<>();
        int unreadable = 0;
        for (byte[] key : keys(packets)) {
            if (!add(key, found)) {
                unreadable++;
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    unreadable > 0
                            ? "none of the keys in it can be read"
                            : "it holds no OpenPGP public key, as gpg --export --armor writes it");
        }
        List<PgpCertificate> certificates =
                found.values().stream().map(PgpCertificate::new).toList();
        PgpRevocation.tell(apart, certificates);
        PgpRevocation.tell(packets, certificates);
        return new PgpKeyFile(name, certificates, unreadable);
    }

    private static IllegalArgumentException privateKey() {
        return new IllegalArgumentException(
                "it holds a private key, which is the publisher's own; the public one is wanted, as gpg --export writes it");
    }

    /** The packets of each key together. */
    private static List<byte[]> keys(List<PgpPackets.Packet> packets) {
        List<byte[]> keys = new ArrayList<>();
        ByteArrayOutputStream current = null;
        for (PgpPackets.Packet packet : packets) {
            switch (packet.tag()) {
                case PgpPackets.SECRET_KEY, PgpPackets.SECRET_SUBKEY -> throw privateKey();
                case PgpPackets.PUBLIC_KEY -> {
                    if (current != null) {
                        keys.add(current.toByteArray());
                    }
                    current = new ByteArrayOutputStream();
                    current.writeBytes(packet.whole());
                }
                case PgpPackets.SIGNATURE, PgpPackets.USER_ID, PgpPackets.PUBLIC_SUBKEY, PgpPackets.USER_ATTRIBUTE -> {
                    if (current == null && PgpRevocation.is(packet)) {
                        continue;
                    }
                    if (current == null) {
                        throw new IllegalArgumentException("it does not begin with a public key");
                    }
                    current.writeBytes(packet.whole());
                }
                case PgpPackets.TRUST, PgpPackets.MARKER, PgpPackets.PADDING -> {
                    // They say nothing about the key.
                }
                default ->
                    throw new IllegalArgumentException(
                            "it holds something else than keys: a packet of type " + packet.tag());
            }
        }
        if (current != null) {
            keys.add(current.toByteArray());
        }
        return keys;
    }

    /**
     * Adds a key. One that is there already in an older copy is put together with that, so that a revocation in either
     * counts.
     */
    private static boolean add(byte[] key, Map<String, PGPPublicKeyRing> found) {
        try {
            PGPPublicKeyRing ring = new PGPPublicKeyRing(key, new BcKeyFingerprintCalculator());
            String fingerprint = HexFormat.of().formatHex(ring.getPublicKey().getFingerprint());
            PGPPublicKeyRing present = found.get(fingerprint);
            found.put(fingerprint, present == null ? ring : PGPPublicKeyRing.join(present, ring));
            return true;
        } catch (IOException | PGPException | RuntimeException e) {
            // Of a version or an algorithm that the library does not know.
            return false;
        }
    }

    List<PgpCertificate> certificates() {
        return certificates;
    }

    /** As messages name it, with what of it could not be read. */
    @Override
    public String toString() {
        return "[" + name + "]" + (unreadable == 0 ? "" : " (of whose keys " + unreadable + " cannot be read)");
    }
}
