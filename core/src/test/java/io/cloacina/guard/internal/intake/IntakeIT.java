// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program has what every algorithm needs, although it has but a part of the library. */
class IntakeIT {

    private static final Path JAR = Path.of("target/cloacina.jar").toAbsolutePath();

    @TempDir
    Path home;

    private String intake(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "intake"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        command.addAll(List.of("--private-key", secret().toString()));
        Path err = home.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("JAVA_TOOL"));
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> out + read(err));
        return out;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Path secret() throws Exception {
        Path pem = home.resolve("secret.pem");
        if (!Files.exists(pem)) {
            try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
                Files.write(pem, Pem.exposePrivateKey(key));
            }
        }
        return pem;
    }

    @Test
    void packagedProgram_hasEveryAlgorithmOfOpenPgp() throws Exception {
        assertTrue(Files.exists(JAR), "the jar is packaged");
        Path packages = Files.createDirectory(home.resolve("p"));
        byte[] keys = new byte[0];
        List<PGPKeyPair> pairs = new ArrayList<>();
        for (PgpMaker.Kind kind : (Iterable<PgpMaker.Kind>) Stream.concat(
                PgpCheckTest.kinds(),
                Stream.of(
                        PGPKeyPairGenerator::generateNistP384ECDSAKeyPair,
                        PGPKeyPairGenerator::generateNistP521ECDSAKeyPair,
                        PGPKeyPairGenerator::generateBrainpoolP256r1ECDSAKeyPair,
                        PGPKeyPairGenerator::generateBrainpoolP512r1ECDSAKeyPair))::iterator) {
            pairs.add(PgpMaker.pair(kind));
        }
        pairs.add(PgpMaker.pair(6, PgpMaker.BORN, PGPKeyPairGenerator::generateEd25519KeyPair));
        pairs.add(PgpMaker.pair(6, PgpMaker.BORN, PGPKeyPairGenerator::generateEd448KeyPair));
        for (int i = 0; i < pairs.size(); i++) {
            byte[] content = ("package " + i).getBytes(StandardCharsets.UTF_8);
            Files.write(packages.resolve(i + ".jar"), content);
            Files.write(packages.resolve(i + ".jar.asc"), PgpMaker.detached(pairs.get(i), content));
            keys = PgpMaker.join(keys, PgpMaker.certificate(pairs.get(i)));
        }
        Path file = Files.write(home.resolve("KEYS"), keys);

        String out = intake(packages, "--pgp-key", file);

        assertEquals(
                pairs.size(),
                out.lines().filter(line -> line.startsWith("pgp ")).count(),
                out);
    }

    @Test
    void packagedProgram_readsSignedJars() throws Exception {
        JarCheckFixture.useKeysIn(home);
        JarCheckFixture.key("own", "RSA", "2048", "-sigalg", "RSASSA-PSS");
        Path certificate = JarCheckFixture.export("own");
        Path jar = home.resolve("plugin.jar");
        JarCheckFixture.writeJar(jar);
        JarCheckFixture.sign(jar, "own");

        String out = intake(jar, "--jar-signer", certificate);

        assertTrue(out.startsWith("jar-signer "), out);
    }
}
