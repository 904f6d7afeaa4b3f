// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.sign.StatementRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is signed is what a verifier in another language, written from the specifications, takes for signed. */
class OtherVerifierTest {

    @TempDir
    Path folder;

    private Path script;
    private Path jar;
    private final Ed25519PrivateKey first = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey second = Ed25519PrivateKey.generate(new SecureRandom());

    @BeforeEach
    void findPython() throws Exception {
        assumeTrue(hasPython(), "python3 is not on this machine: version 2 is not tested against another verifier");
        script = folder.resolve("verify_dsse.py");
        try (InputStream in = OtherVerifierTest.class.getResourceAsStream("verify_dsse.py")) {
            Files.copy(in, script);
        }
        jar = Files.writeString(folder.resolve("größe.jar"), "package");
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            Process python = new ProcessBuilder("python3", "--version")
                    .redirectErrorStream(true)
                    .start();
            return python.waitFor(30, TimeUnit.SECONDS) && python.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void sign(Path file, StatementRequest request, Ed25519PrivateKey key) throws Exception {
        PackageSigner signer = PackageSigner.writingFiles(key, Clock.systemUTC());
        signer.prepareStatement(file, signer.hash(file, false), false, request).commit();
    }

    private record Answer(int status, List<String> lines) {}

    private Answer verify(Path envelope, Ed25519PrivateKey... keys) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("python3", "-X", "utf8", script.toString(), envelope.toString()));
        command.add(jar.toString());
        for (Ed25519PrivateKey key : keys) {
            command.add(HexFormat.of().formatHex(key.publicKey().raw()));
        }
        Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(python.waitFor(60, TimeUnit.SECONDS), out);
        return new Answer(python.exitValue(), out.lines().toList());
    }

    @Test
    void statement_byTwoKeys_isVerifiedByTheOther() throws Exception {
        Path sig = DetachedSignature.pathFor(jar);
        sign(jar, StatementRequest.of("org.example:größe", "1.2.3", Instant.parse("2099-01-01T00:00:00Z")), first);
        sign(jar, StatementRequest.ADD, second);

        assertEquals(
                new Answer(
                        0,
                        List.of(
                                "urn:cloacina:package:v1 org.example:größe 1.2.3",
                                first.publicKey().fingerprint().hex(),
                                second.publicKey().fingerprint().hex())),
                verify(sig, first, second));
        assertEquals(2, verify(sig, second).lines().size());
    }

    @Test
    void statement_bentOrOfAStranger_isRefusedByTheOtherToo() throws Exception {
        Path sig = DetachedSignature.pathFor(jar);
        sign(jar, StatementRequest.of("org.example:a", "1.2.3", null), first);
        assertEquals(
                List.of("no signature by a trusted key"), verify(sig, second).lines());

        SignedStatement signed = SignedStatement.parse(Files.readAllBytes(sig));
        byte[] payload = signed.envelope().payload();
        payload[payload.length - 10] ^= 1;
        Files.write(
                sig,
                new DsseEnvelope(
                                PackageStatement.PAYLOAD_TYPE,
                                payload,
                                signed.envelope().signatures())
                        .encode());
        assertEquals(
                List.of("no signature by a trusted key"), verify(sig, first).lines());
        assertEquals(1, verify(sig, first).status());
    }

    @Test
    void package_changed_isRefusedByTheOtherToo() throws Exception {
        Path sig = DetachedSignature.pathFor(jar);
        sign(jar, StatementRequest.of("org.example:a", "1.2.3", null), first);
        Files.writeString(jar, "another");

        assertEquals(List.of("not about this package"), verify(sig, first).lines());
    }
}
