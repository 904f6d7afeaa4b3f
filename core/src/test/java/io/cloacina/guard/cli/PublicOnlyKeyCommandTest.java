// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Keys of the store that have no private half there: a signer's. */
@DisabledOnOs(OS.WINDOWS)
class PublicOnlyKeyCommandTest extends SignerCommandFixture {

    @Test
    void key_importedByItsPublicHalf_hasANameAndCannotSignByItself() throws Exception {
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");
        Map<String, Object> imported = shell.run("key", "import", "hsm", publicKey, "--public-only", "--json")
                .with(0)
                .json();
        assertEquals(key.publicKey().fingerprint().hex(), imported.get("key_fingerprint"));
        assertEquals(true, imported.get("public_only"));
        assertEquals("key.signing.created", shell.lastEvent().get("event_type"));
        shell.run("trust", "add", "--key", "hsm").with(0);
        assertTrue(shell.run("key", "list").with(0).out().contains("hsm  (public half only)"));
        assertTrue(shell.run("key", "show", "hsm").with(0).out().contains("private half not here: a signer has it"));
        assertEquals(
                Pem.write(key.publicKey()),
                shell.run("key", "export", "hsm").with(0).out());

        shell.run("sign", jar, "--key", "hsm", "--signer-command", signer).with(0);
        shell.run("verify", jar).with(0);

        Done alone = shell.run("sign", jar, "--key", "hsm", "--json").with(2);
        assertEquals("no_private_key", alone.json().get("error"));
        assertTrue(alone.err().contains("--signer-command"), alone.err());
        shell.run("key", "export", "hsm", "--private", "--out", shell.home.resolve("x.pem"))
                .with(2);
        assertFalse(Files.exists(shell.home.resolve("x.pem")));
        shell.run("key", "import", "hsm", publicKey, "--public-only").with(1);
        shell.variables.put("CLOACINA_KEY_ENCRYPTION_KEY", "00112233445566778899aabbccddeeff".repeat(2));
        assertEquals(
                "no_private_key",
                shell.run("sign", jar, "--key", "hsm", "--json").with(2).json().get("error"));
        shell.run("key", "create", "hsm").with(1);
        shell.run("key", "import", "other", publicKey, "--public-only", "--reference-format")
                .with(2);
        shell.run("key", "import", "other", shell.home.resolve("hsm.pem"), "--public-only")
                .with(2);

        shell.run("key", "revoke", "hsm").with(0);
        Done revoked = shell.run("sign", jar, "--key", "hsm", "--signer-command", signer, "--json")
                .with(1);
        assertEquals("signing_key_revoked", revoked.json().get("error"));
    }

    @Test
    void key_thatSignsByItself_takesNoSigner() throws Exception {
        shell.createTrustedKey("release");

        Done done = shell.run("sign", jar, "--key", "release", "--signer-command", signer, "--json")
                .with(2);

        assertEquals("has_private_key", done.json().get("error"));
        assertNothingSigned();
    }

    @Test
    void doctorAndReport_leaveKeysWithoutPrivateHalfAlone() throws Exception {
        shell.run("key", "import", "hsm", publicKey, "--public-only").with(0);
        shell.run("trust", "add", "--key", "hsm").with(0);

        Done doctor = shell.run("doctor", "--json");

        assertTrue(
                doctor.jsons().stream()
                        .anyMatch(one -> one.get("check").equals("kek")
                                && one.get("message").toString().endsWith("signing keys: 0")),
                doctor.out());
    }

    @Test
    void reseal_leavesKeysWithoutPrivateHalfAsTheyAre() throws Exception {
        shell.run("key", "import", "hsm", publicKey, "--public-only").with(0);
        shell.createTrustedKey("release");
        shell.run("key", "import", "hsm-2", publicKey, "--public-only").with(0);
        Path next = shell.kekFile("next");

        assertEquals(
                1L,
                shell.run("key", "reseal", "--new-kek-file", next, "--json")
                        .with(0)
                        .json()
                        .get("resealed"));

        shell.run("sign", jar, "--key", "release", "--kek-file", next).with(0);
        shell.run("sign", jar, "--key", "hsm", "--signer-command", signer).with(0);
        shell.run("key", "create", "another", "--kek-file", next).with(0);
    }
}
