// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HexFormat;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.JDBC;

/** The check that the workflow engine makes of a {@code .cloacina} package which is uploaded, step by step. */
class ReferenceUploadTest {

    /** SubjectPublicKeyInfo of Ed25519 (RFC 8410) but for the 32 bytes at its end. */
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    @RegisterExtension
    final Shell shell = new Shell();

    private Path database;
    private Path workflow;

    @BeforeEach
    void makeDatabase() throws Exception {
        database = shell.home.resolve("engine.db");
        try (Connection connection = connect()) {
            Reference.make(connection, Dialect.SQLITE, false);
        }
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + database);
        workflow = shell.file("packages/daily.cloacina", "workflow");
    }

    private Connection connect() throws Exception {
        return new JDBC().connect("jdbc:sqlite:" + database, new Properties());
    }

    /** One value of the first row; null if there is none. */
    private Object first(String sql, Object... values) throws Exception {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            ResultSet row = statement.executeQuery();
            return row.next() ? row.getObject(1) : null;
        }
    }

    /** What the engine answers: {@code verified}, or the code of its refusal. */
    private String upload() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(workflow));
        String hex = HexFormat.of().formatHex(hash);
        String fingerprint =
                (String) first("SELECT key_fingerprint FROM package_signatures WHERE package_hash = ?", hex);
        if (fingerprint == null) {
            return "signature_not_found";
        }
        byte[] signature = (byte[]) first("SELECT signature FROM package_signatures WHERE package_hash = ?", hex);
        byte[] org = HexFormat.of().parseHex(Shell.ORG.toString().replace("-", ""));
        byte[] key = (byte[]) first(
                "SELECT public_key FROM trusted_keys WHERE org_id = ? AND key_fingerprint = ? AND revoked_at IS NULL",
                org,
                fingerprint);
        if (key == null) {
            return "untrusted_signer";
        }
        byte[] encoded = java.util.Arrays.copyOf(SPKI, SPKI.length + key.length);
        System.arraycopy(key, 0, encoded, SPKI.length, key.length);
        PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initVerify(publicKey);
        ed25519.update(hash);
        return ed25519.verify(signature) ? "verified" : "invalid_signature";
    }

    @Test
    void package_signedHere_isAccepted() throws Exception {
        assertEquals("signature_not_found", upload());
        shell.run("key", "create", "release").with(0);

        shell.run("sign", workflow.getParent(), "--key", "release").with(0);

        assertEquals("untrusted_signer", upload());
        shell.run("trust", "add", "--key", "release").with(0);
        assertEquals("verified", upload());
        Files.writeString(workflow, "changed");
        assertEquals("signature_not_found", upload());
    }

    @Test
    void package_whoseSignatureWasTakenIn_isAccepted() throws Exception {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Path secret = Files.write(shell.home.resolve("secret.pem"), Pem.exposePrivateKey(key));
            Path half = shell.file("public.pem", Pem.write(key.publicKey()));
            shell.run("sign", workflow, "--private-key", secret).with(0);
            shell.run("trust", "add", half).with(0);

            shell.run("signature", "import", workflow.getParent()).with(0);

            assertEquals("verified", upload());
        }
    }

    /** The engine asks for the private half only in order to sign, and finds that zero bytes are no sealed key. */
    @Test
    void key_withoutPrivateHalf_isARowThatTheEngineReads() throws Exception {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Path half = shell.file("public.pem", Pem.write(key.publicKey()));

            shell.run("key", "import", "hsm", half, "--public-only").with(0);

            byte[] sealed = (byte[]) first("SELECT encrypted_private_key FROM signing_keys WHERE key_name = 'hsm'");
            assertTrue(sealed == null || sealed.length == 0);
            assertEquals(
                    "blob", first("SELECT typeof(encrypted_private_key) FROM signing_keys WHERE key_name = 'hsm'"));
        }
    }
}
