// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A signer that is a script which calls OpenSSL, and a package for it. */
abstract class SignerCommandFixture {

    @RegisterExtension
    final Shell shell = new Shell();

    final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    Path publicKey;
    Path signer;
    Path jar;

    @BeforeEach
    void makeSigner() throws Exception {
        byte[] pem = Pem.exposePrivateKey(key);
        Path secret = shell.home.resolve("hsm.pem");
        Files.write(secret, pem);
        publicKey = shell.file("public.pem", Pem.write(key.publicKey()));
        jar = shell.file("packages/a.jar", "jar");
        signer = script(
                "signer",
                "m=$(mktemp)",
                "while IFS= read -r line; do",
                "  message=${line##*\\\"message\\\":\\\"}",
                "  printf %s \"${message%%\\\"*}\" | base64 -d > \"$m\"",
                "  signature=$(openssl pkeyutl -sign -rawin -inkey '" + secret + "' -in \"$m\" | base64 -w 0)",
                "  printf '{\"signature\":\"%s\"}\\n' \"$signature\"",
                "done",
                "rm \"$m\"");
    }

    Path script(String name, String... lines) throws Exception {
        Path file = shell.file(name, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    void assertNothingSigned() {
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        Map<String, Object> status =
                shell.run("store", "status", "--json").with(0).json();
        assertEquals(0L, status.get("package_signatures"));
        assertEquals(0L, status.get("guard_statements"));
    }
}
