// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Signatures of version 2: which of them count, and what the others are. */
class StatementTrustTest extends LimitedTrustFixture {

    private static final PackageHash OTHER_HASH = PackageHash.ofContent(new byte[] {2});

    @Test
    void version2_detached_tellsNameVersionAndAllSigners() throws Exception {
        detached(statement(HASH, "1.2", null), stranger, second, first);

        Verdict.Verified good = good();

        assertEquals(NAME, good.packageName());
        assertEquals("1.2", good.packageVersion());
        assertEquals(
                List.of(id(second), id(first)),
                good.signers().stream().map(Verdict.Signer::key).toList());
        assertEquals(id(second), good.signer());
        assertEquals(SignatureSource.DETACHED, good.source());
        assertEquals(1, asked.size());
        assertEquals(List.of(id(stranger), id(second), id(first)), asked.get(0).detachedSigners());
        assertEquals(Optional.of(NAME), asked.get(0).packageName());
    }

    @Test
    void version2_stored_countsForTheKeyItIsStoredForOnly() {
        statements.add(new StoredStatement(
                id(stranger),
                envelope(statement(HASH, "1.2", null), first, stranger).encode()));

        refused(Refusal.UNTRUSTED_SIGNER);

        stored(statement(HASH, "1.2", null), first);
        assertEquals(SignatureSource.DATABASE, good().source());
    }

    @Test
    void version2_storedUnderAnotherKey_isMalformed() {
        statements.add(new StoredStatement(
                id(second), envelope(statement(HASH, "1.2", null), first).encode()));
        assertContains("has no signature with that keyid", refused(Refusal.MALFORMED_SIGNATURE));

        statements.add(new StoredStatement(id(second), new byte[] {'{'}));
        assertContains("the stored statement of key " + id(second), refused(Refusal.MALFORMED_SIGNATURE));
    }

    @Test
    void version2_storedUnderAnotherName_isMalformed_asTheFloorOfItsOwnWasNotLookedFor() {
        byte[] envelope = envelope(statement(HASH, "1.2", null), first).encode();
        statements.add(new StoredStatement(id(first), envelope, "org.example:other"));
        assertContains("stored under the name [org.example:other]", refused(Refusal.MALFORMED_SIGNATURE));

        statements.clear();
        statements.add(new StoredStatement(id(first), envelope, NAME));
        assertEquals(SignatureSource.DATABASE, good().source());
    }

    @Test
    void version2_ofOtherPackages_isTamperedWhereverItIs() throws Exception {
        detached(statement(OTHER_HASH, "1.2", null), first);
        assertContains("its detached signature is of " + OTHER_HASH, refused(Refusal.TAMPERED_PACKAGE));

        Files.delete(sig());
        stored(statement(OTHER_HASH, "1.2", null), first);
        assertContains("a stored signature is of " + OTHER_HASH, refused(Refusal.TAMPERED_PACKAGE));
    }

    @Test
    void version2_bentBytes_areInvalid() throws Exception {
        DsseEnvelope right = envelope(statement(HASH, "1.2", null), first);
        DsseEnvelope bent = new DsseEnvelope(
                PackageStatement.PAYLOAD_TYPE, statement(HASH, "1.3", null).encode(), right.signatures());
        Files.write(sig(), bent.encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    /** The key identifier is a hint: who writes another's there is not taken for that one. */
    @Test
    void version2_keyIdOfATrustedKeyOnASignatureByAnother_isInvalid() throws Exception {
        DsseEnvelope right = envelope(statement(HASH, "1.2", null), stranger);
        Files.write(
                sig(),
                new DsseEnvelope(
                                right.payloadType(),
                                right.payload(),
                                List.of(new DsseEnvelope.Signed(
                                        id(first), right.signatures().get(0).signature())))
                        .encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    /** A signature of version 1 is over the hash alone: it must not pass as one over an envelope. */
    @Test
    void version2_signatureOverTheHashAlone_isInvalid() throws Exception {
        Files.write(
                sig(),
                new DsseEnvelope(
                                PackageStatement.PAYLOAD_TYPE,
                                statement(HASH, "1.2", null).encode(),
                                List.of(new DsseEnvelope.Signed(id(first), first.sign(HASH.bytes()))))
                        .encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    @Test
    void version2_malformed_isSaidWithTheFile() throws Exception {
        Files.writeString(sig(), "{\"payloadType\":\"x\",\"payload\":\"\",\"signatures\":[]}");

        assertContains("[" + sig() + "]: [payloadType] is [x]", refused(Refusal.MALFORMED_SIGNATURE));
    }
}
