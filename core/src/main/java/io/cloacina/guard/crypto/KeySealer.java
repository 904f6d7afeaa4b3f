// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals private keys for storage with AES-256-GCM (NIST SP 800-38D), a random 12-byte nonce and a 16-byte tag.
 *
 * <p>Safe for use by many threads. The key encryption key stays the caller's, to be closed when the sealer is done.
 */
public final class KeySealer {

    /** How a sealed key is written. */
    public enum Form {
        /** {@code 0x01 | nonce (12) | ciphertext (32) | tag (16)}, bound to its row by associated data: 61 bytes. */
        BOUND,
        /** {@code nonce (12) | ciphertext (32) | tag (16)} without associated data, as the reference: 60 bytes. */
        REFERENCE
    }

    /**
     * The row that a sealed key belongs to.
     *
     * @param publicKey what must come out when the public key is derived from the opened seed
     */
    public record Row(UUID keyId, UUID orgId, Ed25519PublicKey publicKey) {
        public Row {
            Objects.requireNonNull(keyId);
            Objects.requireNonNull(orgId);
            Objects.requireNonNull(publicKey);
        }
    }

    private static final Provider PROVIDER = jdkProvider();
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final byte BOUND_VERSION = 1;
    private static final int NONCE_SIZE_BYTES = 12;
    private static final int TAG_SIZE_BYTES = 16;
    private static final int BODY_SIZE_BYTES = Ed25519PrivateKey.SEED_SIZE_BYTES + TAG_SIZE_BYTES;
    private static final int REFERENCE_SIZE_BYTES = NONCE_SIZE_BYTES + BODY_SIZE_BYTES;
    private static final int BOUND_SIZE_BYTES = 1 + REFERENCE_SIZE_BYTES;
    private static final byte[] LABEL = "cloacina-guard/signing-key/1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_ASSOCIATED_DATA = {};

    private final Kek kek;

    public KeySealer(Kek kek) {
        this.kek = Objects.requireNonNull(kek);
    }

    /**
     * The sealed form of {@code key}, 61 or 60 bytes.
     *
     * @param row where it will be stored
     * @throws IllegalArgumentException if {@code key} is not the private half of {@code row.publicKey()}
     */
    public byte[] seal(Ed25519PrivateKey key, Row row, Form form, SecureRandom random) {
        if (!key.publicKey().equals(row.publicKey())) {
            throw new IllegalArgumentException(
                    "the private key belongs to [" + key.publicKey() + "], not to the row's");
        }
        byte[] nonce = new byte[NONCE_SIZE_BYTES];
        random.nextBytes(nonce);
        byte[] seed = key.exposeSeed();
        try {
            byte[] body = crypt(Cipher.ENCRYPT_MODE, nonce, seed, 0, seed.length, associatedData(row, form));
            ByteBuffer sealed = ByteBuffer.allocate(form == Form.BOUND ? BOUND_SIZE_BYTES : REFERENCE_SIZE_BYTES);
            if (form == Form.BOUND) {
                sealed.put(BOUND_VERSION);
            }
            return sealed.put(nonce).put(body).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM does not encrypt", e);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    /**
     * Opens either form and checks that the public key derived from the seed is the row's.
     *
     * @return to be closed by the caller
     * @throws SealedKeyException if it does not open, or what is inside belongs to another public key
     */
    public Ed25519PrivateKey open(byte[] sealed, Row row) throws SealedKeyException {
        Form form = formOf(sealed);
        int offset = form == Form.BOUND ? 1 : 0;
        byte[] nonce = Arrays.copyOfRange(sealed, offset, offset + NONCE_SIZE_BYTES);
        Ed25519PrivateKey key;
        try {
            key = Ed25519PrivateKey.adoptSeed(crypt(
                    Cipher.DECRYPT_MODE,
                    nonce,
                    sealed,
                    offset + NONCE_SIZE_BYTES,
                    BODY_SIZE_BYTES,
                    associatedData(row, form)));
        } catch (AEADBadTagException e) {
            throw new SealedKeyException(
                    "the key encryption key is not the one that key [" + row.keyId()
                            + "] was sealed under, or the sealed key was altered or moved",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM does not decrypt", e);
        }
        if (!key.publicKey().equals(row.publicKey())) {
            key.close();
            throw new SealedKeyException("what is sealed as key [" + row.keyId() + "] belongs to the public key ["
                    + key.publicKey().fingerprint() + "], not to the row's ["
                    + row.publicKey().fingerprint() + "]");
        }
        return key;
    }

    /**
     * Which form {@code sealed} has.
     *
     * @throws SealedKeyException if neither
     */
    public static Form formOf(byte[] sealed) throws SealedKeyException {
        if (sealed.length == REFERENCE_SIZE_BYTES) {
            return Form.REFERENCE;
        }
        if (sealed.length == BOUND_SIZE_BYTES && sealed[0] == BOUND_VERSION) {
            return Form.BOUND;
        }
        throw new SealedKeyException("a sealed key has 60 bytes, or 61 of which the first is 1; this one has ["
                + sealed.length + "]"
                + (sealed.length == BOUND_SIZE_BYTES ? " and begins with [" + (sealed[0] & 0xff) + "]" : ""));
    }

    // label | 0 | key id (16) | organisation id (16) | raw fingerprint (32); ids in the byte order of their text.
    private static byte[] associatedData(Row row, Form form) {
        if (form == Form.REFERENCE) {
            return NO_ASSOCIATED_DATA;
        }
        return ByteBuffer.allocate(LABEL.length + 1 + 16 + 16 + 32)
                .put(LABEL)
                .put((byte) 0)
                .putLong(row.keyId().getMostSignificantBits())
                .putLong(row.keyId().getLeastSignificantBits())
                .putLong(row.orgId().getMostSignificantBits())
                .putLong(row.orgId().getLeastSignificantBits())
                .put(HexFormat.of().parseHex(row.publicKey().fingerprint().hex()))
                .array();
    }

    private byte[] crypt(int mode, byte[] nonce, byte[] input, int offset, int length, byte[] associatedData)
            throws GeneralSecurityException {
        byte[] raw = kek.exposeCopy();
        try {
            return crypt(mode, raw, nonce, input, offset, length, associatedData);
        } finally {
            Arrays.fill(raw, (byte) 0);
        }
    }

    static byte[] crypt(int mode, byte[] key, byte[] nonce, byte[] input, int offset, int length, byte[] associatedData)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(TRANSFORMATION, PROVIDER);
        cipher.init(mode, new PassingKey(key), new GCMParameterSpec(8 * TAG_SIZE_BYTES, nonce));
        cipher.updateAAD(associatedData);
        return cipher.doFinal(input, offset, length);
    }

    // Every Java platform from 17 on has it; OpenJDK has it in "SunJCE".
    private static Provider jdkProvider() {
        try {
            Provider sun = Security.getProvider("SunJCE");
            return (sun == null
                            ? Cipher.getInstance("AES/GCM/NoPadding")
                            : Cipher.getInstance("AES/GCM/NoPadding", sun))
                    .getProvider();
        } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
            throw new IllegalStateException("this JDK has no AES/GCM", e);
        }
    }

    /** Unlike SecretKeySpec it keeps no copy that outlives the caller's array. */
    private static final class PassingKey implements SecretKey {

        private static final long serialVersionUID = 1L;

        private final transient byte[] raw;

        PassingKey(byte[] raw) {
            this.raw = raw;
        }

        @Override
        public String getAlgorithm() {
            return "AES";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return raw.clone();
        }
    }
}
