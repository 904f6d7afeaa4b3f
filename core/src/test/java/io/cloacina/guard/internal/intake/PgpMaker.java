// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.function.Consumer;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPairGeneratorProvider;

/** Makes OpenPGP keys and signatures packet by packet, also those that no program would make. */
final class PgpMaker {

    static final Instant BORN = Instant.parse("2025-01-01T00:00:00Z");
    static final Instant SIGNED = Instant.parse("2025-06-01T00:00:00Z");
    static final Instant NOW = Instant.parse("2026-01-28T12:00:00Z");
    static final int SHA256 = HashAlgorithmTags.SHA256;
    static final int FOR_SIGNING = KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA;
    static final String OWNER = "Publisher <publisher@example.com>";

    private PgpMaker() {}

    interface Kind {
        PGPKeyPair of(PGPKeyPairGenerator generator) throws PGPException;
    }

    static PGPKeyPair pair(int version, Instant born, Kind kind) throws PGPException {
        return kind.of(new BcPGPKeyPairGeneratorProvider()
                .setSecureRandom(new SecureRandom())
                .get(version, Date.from(born)));
    }

    static PGPKeyPair pair(Kind kind) throws PGPException {
        return pair(4, BORN, kind);
    }

    static PGPKeyPair pair() throws PGPException {
        return pair(PGPKeyPairGenerator::generateLegacyEd25519KeyPair);
    }

    static PGPKeyPair subkey(Kind kind) throws PGPException {
        return pair(kind).asSubkey(new BcKeyFingerprintCalculator());
    }

    static byte[] userId(String id) {
        byte[] text = id.getBytes(StandardCharsets.UTF_8);
        return join(new byte[] {(byte) 0xcd, (byte) text.length}, text);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] bytes(PGPKeyPair pair) throws IOException {
        return pair.getPublicKey().getEncoded();
    }

    /** What a signature is made over. */
    interface Over {
        PGPSignature by(PGPSignatureGenerator generator) throws PGPException;
    }

    static Over content(byte[] content) {
        return generator -> {
            generator.update(content);
            return generator.generate();
        };
    }

    /** A signature with these hashed subpackets and no others. */
    static byte[] signature(
            PGPKeyPair by, int type, int hash, Consumer<PGPSignatureSubpacketGenerator> hashed, Over over)
            throws PGPException, IOException {
        return made(by, type, hash, hashed, unhashed -> {}, over).getEncoded();
    }

    static PGPSignature made(
            PGPKeyPair by,
            int type,
            int hash,
            Consumer<PGPSignatureSubpacketGenerator> hashed,
            Consumer<PGPSignatureSubpacketGenerator> unhashed,
            Over over)
            throws PGPException {
        PGPSignatureGenerator generator = new PGPSignatureGenerator(
                new BcPGPContentSignerBuilder(by.getPublicKey().getAlgorithm(), hash), by.getPublicKey());
        generator.init(type, by.getPrivateKey());
        PGPSignatureSubpacketGenerator one = new PGPSignatureSubpacketGenerator();
        hashed.accept(one);
        generator.setHashedSubpackets(one.generate());
        PGPSignatureSubpacketGenerator other = new PGPSignatureSubpacketGenerator();
        unhashed.accept(other);
        generator.setUnhashedSubpackets(other.generate());
        return over.by(generator);
    }

    /** The subpackets that every signature has, then others. */
    static Consumer<PGPSignatureSubpacketGenerator> dated(
            PGPKeyPair by, Instant at, Consumer<PGPSignatureSubpacketGenerator> more) {
        return area -> {
            area.setSignatureCreationTime(Date.from(at));
            area.setIssuerFingerprint(false, by.getPublicKey());
            more.accept(area);
        };
    }

    static Consumer<PGPSignatureSubpacketGenerator> flags(int flags) {
        return area -> area.setKeyFlags(true, flags);
    }

    /** The signature of a key on its user id. */
    static byte[] certification(PGPKeyPair key, int hash, Instant at, Consumer<PGPSignatureSubpacketGenerator> more)
            throws PGPException, IOException {
        return signature(
                key,
                PGPSignature.POSITIVE_CERTIFICATION,
                hash,
                dated(key, at, more),
                generator -> generator.generateCertification(OWNER, key.getPublicKey()));
    }

    /** A key with a user id that it has signed, as every program makes it. */
    static byte[] certificate(PGPKeyPair key) throws PGPException, IOException {
        return join(bytes(key), userId(OWNER), certification(key, SHA256, BORN, flags(FOR_SIGNING)));
    }

    static Consumer<PGPSignatureSubpacketGenerator> consent(PGPKeyPair subkey, PGPPublicKey primary, int hash) {
        return area -> {
            try {
                area.addEmbeddedSignature(
                        false,
                        made(
                                subkey,
                                PGPSignature.PRIMARYKEY_BINDING,
                                hash,
                                dated(subkey, BORN, none -> {}),
                                unhashed -> {},
                                generator -> generator.generateCertification(primary, subkey.getPublicKey())));
            } catch (PGPException | IOException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    /** The signature of a key that binds a subkey. */
    static byte[] binding(PGPKeyPair key, PGPKeyPair subkey, int type, Consumer<PGPSignatureSubpacketGenerator> more)
            throws PGPException, IOException {
        return signature(
                key,
                type,
                SHA256,
                dated(key, BORN, more),
                generator -> generator.generateCertification(key.getPublicKey(), subkey.getPublicKey()));
    }

    /** A detached signature. */
    static byte[] detached(PGPKeyPair by, byte[] content) throws PGPException, IOException {
        return signature(by, PGPSignature.BINARY_DOCUMENT, SHA256, dated(by, SIGNED, none -> {}), content(content));
    }

    /** As {@code gpg --armor} writes it. */
    static byte[] armoured(String type, byte[] content) {
        return ("-----BEGIN PGP " + type + "-----\nComment: made by a test\n\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                        + "\n=AAAA\n-----END PGP " + type + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
