// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sign --add}, and how many signers {@code verify} asks for. */
class SignAddTest extends SignStatementFixture {

    @Test
    void add_secondKey_bothCountInFileAndStore() throws Exception {
        sign().with(0);
        byte[] payload = read(sig).envelope().payload();
        shell.run("verify", jar, "--required-signers", "2").with(1);

        shell.run("sign", jar, "--add", "--key", "security").with(0);

        assertArrayEquals(payload, read(sig).envelope().payload());
        assertEquals(2, read(sig).envelope().signatures().size());
        for (String source : List.of("database", "detached")) {
            Done done = shell.run("verify", jar, "--required-signers", "2", "--source", source, "--json")
                    .with(0);
            List<?> signers = (List<?>) done.json().get("signers");
            assertEquals(2, Set.copyOf(signers).size(), done.out());
            assertTrue(signers.stream().allMatch(key -> key.toString().matches("[0-9a-f]{64}")), done.out());
        }
        Map<String, Object> three = shell.run("verify", jar, "--required-signers", "3", "--json")
                .with(1)
                .json();
        assertEquals("too_few_signers", three.get("failure_reason"));
        assertContains("signed by 2 different trusted keys", (String) three.get("error"));

        byte[] before = Files.readAllBytes(sig);
        Map<String, Object> again = shell.run("sign", jar, "--add", "--key", "security", "--json")
                .with(0)
                .json();
        assertEquals(true, again.get("unchanged"));
        assertArrayEquals(before, Files.readAllBytes(sig));
        // Nor does the first key's signing again take the second's signature away.
        sign().with(0);
        assertArrayEquals(before, Files.readAllBytes(sig));
    }

    @Test
    void add_nothingThere_isRefusedWithTheCommandForTheFirst() {
        Done done = shell.run("sign", jar, "--add", "--key", "security").with(1);

        assertContains("sign --format 2", done.err());
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
    }

    @Test
    void add_packageHasChanged_isRefused() throws Exception {
        sign().with(0);
        jar("packages/shop.jar", POM, PROPERTIES, "more", "more");

        assertContains(
                "is not about [" + jar + "] as it is now",
                shell.run("sign", jar, "--add", "--key", "security").with(1).err());
    }

    @Test
    void add_storedOnly_addsInTheStore() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        byte[] version1 = Files.readAllBytes(sig);
        sign("--keep-v1").with(0);

        shell.run("sign", jar, "--add", "--key", "security").with(0);

        assertArrayEquals(version1, Files.readAllBytes(sig));
        shell.run("verify", jar, "--required-signers", "2", "--source", "database")
                .with(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "10", "two", "-1"})
    void verify_requiredSignersOutOfRange_isAUsageError(String number) {
        assertContains(
                "1 to 9",
                shell.run("verify", jar, "--required-signers=" + number).with(2).err());
    }
}
