// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Ed25519 keys as OpenSSL writes and reads them: SubjectPublicKeyInfo and PKCS#8 (RFC 8410) in PEM (RFC 7468).
 *
 * <p>Read with tolerance for what mail and editors do (CRLF, text around the block, trailing white space, a byte-order
 * mark), and for nothing else: one key, of this one algorithm, not encrypted.
 */
public final class Pem {

    private static final String PUBLIC_LABEL = "PUBLIC KEY";
    private static final String PRIVATE_LABEL = "PRIVATE KEY";
    private static final int LINE_LENGTH = 64;

    // SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING (33, no unused bits) … }
    private static final byte[] PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    // SEQUENCE { INTEGER 0 SEQUENCE { OID 1.3.101.112 } OCTET STRING { OCTET STRING (32) … } }
    private static final byte[] PRIVATE_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] ED25519 = HexFormat.of().parseHex("2b6570");
    private static final int ATTRIBUTES = 0xa0;
    private static final int PUBLIC_PART = 0x81;
    // Older releases of widely used Rust libraries wrap the public part in an explicit tag.
    private static final int PUBLIC_PART_EXPLICIT = 0xa1;

    private Pem() {}

    /** The PEM of a public key: three lines, line feeds, as {@code openssl pkey -pubout}. */
    public static String write(Ed25519PublicKey key) {
        return new String(encode(PUBLIC_LABEL, PUBLIC_PREFIX, key.raw()), StandardCharsets.US_ASCII);
    }

    /**
     * The PEM of a private key, PKCS#8 version 1, as {@code openssl genpkey -algorithm ed25519}.
     *
     * @return ASCII bytes, which the caller overwrites as soon as it is done
     */
    public static byte[] exposePrivateKey(Ed25519PrivateKey key) {
        byte[] seed = key.exposeSeed();
        try {
            return encode(PRIVATE_LABEL, PRIVATE_PREFIX, seed);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /**
     * The one public key in a text.
     *
     * @param text content of a PEM file
     * @throws MalformedKeyException if there is not exactly one key, or it is of another kind
     * @throws RejectedKeyException if the key must not be used
     */
    public static Ed25519PublicKey readPublicKey(byte[] text) throws MalformedKeyException, RejectedKeyException {
        PemBlock block = PemBlock.only(text);
        if (block.label().equals(PRIVATE_LABEL)) {
            block.wipe();
            throw new MalformedKeyException("this is a private key; a public key is wanted");
        }
        requireLabel(block, PUBLIC_LABEL);
        DerReader outer = new DerReader(block.content());
        DerReader info = outer.enter(DerReader.SEQUENCE);
        requireEd25519(info);
        byte[] bits = info.read(DerReader.BIT_STRING);
        info.requireEnd();
        outer.requireEnd();
        return Ed25519PublicKey.of(fromBitString(bits));
    }

    /**
     * The one private key in a text: PKCS#8 version 1, or version 2 with its public part.
     *
     * @param text content of a PEM file; the caller wipes it
     * @return to be closed by the caller
     * @throws MalformedKeyException if there is not exactly one key, it is of another kind or encrypted, or its public
     *     part does not fit
     */
    public static Ed25519PrivateKey readPrivateKey(byte[] text) throws MalformedKeyException {
        PemBlock block = PemBlock.only(text);
        try {
            if (block.label().equals(PUBLIC_LABEL)) {
                throw new MalformedKeyException("this is a public key; a private key is wanted");
            }
            requireLabel(block, PRIVATE_LABEL);
            return privateKey(block.content());
        } finally {
            block.wipe();
        }
    }

    // OneAsymmetricKey (RFC 5958): version, algorithm, OCTET STRING { OCTET STRING seed }, [0] attributes?, [1] public?
    private static Ed25519PrivateKey privateKey(byte[] der) throws MalformedKeyException {
        DerReader outer = new DerReader(der);
        DerReader info = outer.enter(DerReader.SEQUENCE);
        byte[] version = info.read(DerReader.INTEGER);
        if (version.length != 1 || version[0] != 0 && version[0] != 1) {
            throw new MalformedKeyException("the private key is PKCS#8 of an unknown version");
        }
        requireEd25519(info);
        DerReader wrapped = info.enter(DerReader.OCTET_STRING);
        byte[] seed = wrapped.read(DerReader.OCTET_STRING);
        byte[] publicPart = null;
        try {
            wrapped.requireEnd();
            if (info.peek() == ATTRIBUTES) {
                info.skip();
            }
            if (version[0] == 1 && info.peek() == PUBLIC_PART) {
                publicPart = fromBitString(info.read(PUBLIC_PART));
            } else if (version[0] == 1 && info.peek() == PUBLIC_PART_EXPLICIT) {
                DerReader explicit = info.enter(PUBLIC_PART_EXPLICIT);
                publicPart = fromBitString(explicit.read(DerReader.BIT_STRING));
                explicit.requireEnd();
            }
            info.requireEnd();
            outer.requireEnd();
            if (seed.length != Ed25519PrivateKey.SEED_SIZE_BYTES) {
                throw DerReader.malformed();
            }
        } catch (MalformedKeyException e) {
            Arrays.fill(seed, (byte) 0);
            throw e;
        }
        Ed25519PrivateKey key = Ed25519PrivateKey.adoptSeed(seed);
        if (publicPart != null && !Arrays.equals(publicPart, key.publicKey().raw())) {
            key.close();
            throw new MalformedKeyException("the public part of the private key does not belong to it");
        }
        return key;
    }

    private static void requireLabel(PemBlock block, String label) throws MalformedKeyException {
        if (!block.label().equals(label)) {
            throw new MalformedKeyException(
                    block.label().startsWith("ENCRYPTED")
                            ? "the private key is encrypted; decrypt it first (openssl pkey)"
                            : "this is a [" + block.label().replaceAll("[^A-Za-z0-9 ]", "?") + "]; an Ed25519 [" + label
                                    + "] is wanted");
        }
    }

    private static void requireEd25519(DerReader info) throws MalformedKeyException {
        DerReader algorithm = info.enter(DerReader.SEQUENCE);
        byte[] oid = algorithm.read(DerReader.OBJECT_IDENTIFIER);
        if (!Arrays.equals(oid, ED25519)) {
            throw new MalformedKeyException("the key is of algorithm [" + algorithmName(oid) + "]; Ed25519 is wanted");
        }
        algorithm.requireEnd();
    }

    private static String algorithmName(byte[] oid) {
        return switch (HexFormat.of().formatHex(oid)) {
            case "2a864886f70d010101" -> "RSA";
            case "2a8648ce3d0201" -> "EC";
            case "2b656e" -> "X25519";
            case "2b656f" -> "X448";
            case "2b6571" -> "Ed448";
            default -> "OID " + HexFormat.of().formatHex(oid);
        };
    }

    private static byte[] fromBitString(byte[] bits) throws MalformedKeyException {
        if (bits.length != 1 + Ed25519PublicKey.SIZE_BYTES || bits[0] != 0) {
            throw DerReader.malformed();
        }
        return Arrays.copyOfRange(bits, 1, bits.length);
    }

    private static byte[] encode(String label, byte[] prefix, byte[] key) {
        byte[] der = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, der, prefix.length, key.length);
        // 48 bytes are exactly one line of base64.
        byte[] base64 = Base64.getEncoder().encode(der);
        Arrays.fill(der, (byte) 0);
        if (base64.length > LINE_LENGTH) {
            throw new IllegalStateException("an Ed25519 key fits on one line");
        }
        byte[] begin = ("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] result = ByteBuffer.allocate(begin.length + base64.length + end.length)
                .put(begin)
                .put(base64)
                .put(end)
                .array();
        Arrays.fill(base64, (byte) 0);
        return result;
    }
}
