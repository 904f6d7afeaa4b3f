// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing and verifying offline, in a JVM that has core's classes and BouncyCastle and nothing else. */
class PublishedCoreIT {

    @TempDir
    Path directory;

    private Path plugin;
    private Path privateKey;
    private Path publicKey;

    @BeforeEach
    void makeKeyAndPackage() throws Exception {
        plugin = Files.writeString(directory.resolve("plugin.jar"), "the plugin");
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            privateKey = Files.write(directory.resolve("private.pem"), Pem.exposePrivateKey(key));
            publicKey = Files.writeString(directory.resolve("public.pem"), Pem.write(key.publicKey()));
        }
    }

    private static String placeOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private String run(Object... arguments) throws Exception {
        String classPath = String.join(
                File.pathSeparator,
                placeOf(DetachedSignature.class),
                placeOf(Ed25519.class),
                placeOf(OfflineVerification.class));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                OfflineVerification.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        File output = directory.resolve("output").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output.toPath()).strip();
        assertEquals(0, process.exitValue(), text);
        return text;
    }

    @Test
    void package_signedByIt_isVerified() throws Exception {
        assertTrue(run("sign", privateKey, plugin).startsWith("SIGNED "));

        assertEquals("VERIFIED", run("verify", publicKey, plugin, DetachedSignature.pathFor(plugin)));
        Files.writeString(plugin, "another");
        assertTrue(run("verify", publicKey, plugin, DetachedSignature.pathFor(plugin))
                .startsWith("TamperedPackage: "));
    }

    @Test
    void signature_writtenInAnotherWay_isReadWithoutAnyLibrary() throws Exception {
        run("sign", privateKey, plugin);
        Path signature = DetachedSignature.pathFor(plugin);
        String pretty = Files.readString(signature).replace(",\"", ",\n  \"").replace("\":", "\": ");
        Files.write(signature, pretty.getBytes(StandardCharsets.UTF_8));

        assertEquals("VERIFIED", run("verify", publicKey, plugin, signature));
        Files.writeString(signature, pretty.replace("}", ""));
        assertTrue(run("verify", publicKey, plugin, signature).startsWith("MalformedSignature: "));
    }
}
