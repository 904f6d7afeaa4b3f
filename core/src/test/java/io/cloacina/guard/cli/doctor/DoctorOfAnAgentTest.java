// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} on a host: it looks at what the agent there would use, not at the command line's defaults. */
class DoctorOfAnAgentTest {

    @TempDir
    Path home;

    private Shell host;

    @BeforeEach
    void makeAHostWithAKeyFile() throws Exception {
        Shell signer = new Shell(home.resolve("signer"));
        signer.createTrustedKey("release");
        signer.run("key", "export", "release", "--out", home.resolve("release.pem"))
                .with(0);
        host = new Shell(Files.createDirectory(home.resolve("host")));
        host.variables.clear();
        host.variables.put("CLOACINA_REQUIRE_SIGNATURES", "true");
    }

    private static List<Object> checks(Done done, String state) {
        return done.jsons().stream()
                .filter(finding -> finding.get("state").equals(state))
                .map(finding -> finding.get("check"))
                .toList();
    }

    private String signersStore() {
        return "sqlite://" + home.resolve("signer/.cloacina/trust.db");
    }

    @Test
    void keysAlone_needNoStore() {
        host.variables.put("CLOACINA_TRUSTED_KEYS", home.resolve("release.pem").toString());

        Done done = host.run("doctor", "--json").with(0);

        assertEquals(List.of(), checks(done, "mend"));
        assertFalse(done.out().contains("store init"), done.out());
        assertTrue(checks(done, "ok").contains("key files"), done.out());
        assertFalse(Files.exists(home.resolve("host/.cloacina")), "doctor makes nothing");
    }

    @Test
    void keyFileThatIsNoneOrNotThere_isToMend() throws Exception {
        host.variables.put("CLOACINA_TRUSTED_KEYS", home.resolve("none.pem").toString());
        assertEquals(List.of("key files"), checks(host.run("doctor", "--json").with(1), "mend"));

        Path broken = Files.writeString(home.resolve("broken.pem"), "broken");
        host.variables.put("CLOACINA_TRUSTED_KEYS", broken.toString());
        assertEquals(List.of("key files"), checks(host.run("doctor", "--json").with(1), "mend"));
    }

    @Test
    void storeOfTheAgent_isAskedForItsOrganisation() {
        host.variables.put("CLOACINA_DATABASE_URL", signersStore());
        host.variables.put("CLOACINA_VERIFICATION_ORG_ID", Shell.ORG.toString());

        Done done = host.run("doctor", "--json").with(0);

        assertTrue(
                checks(done, "ok").containsAll(List.of("configuration", "organisation", "store", "trust")), done.out());
        assertFalse(checks(done, "note").contains("kek"), "an agent unseals nothing");
    }

    @Test
    void storeOfTheAgentThatIsNotThere_isToMendAndNotMade() {
        host.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + home.resolve("nowhere/trust.db"));
        host.variables.put("CLOACINA_VERIFICATION_ORG_ID", Shell.ORG.toString());

        Done done = host.run("doctor", "--json").with(1);

        assertEquals(List.of("store"), checks(done, "mend"));
        assertTrue(done.out().contains("an agent could not ask it"), done.out());
        assertFalse(Files.exists(home.resolve("nowhere")));
    }

    @Test
    void misspeltSetting_isToMend() {
        host.variables.put("CLOACINA_TRUSTED_KEY", home.resolve("release.pem").toString());

        Done done = host.run("doctor", "--json").with(1);

        assertEquals(List.of("configuration"), checks(done, "mend"));
        assertTrue(done.out().contains("did you mean [CLOACINA_TRUSTED_KEYS]?"), done.out());
    }

    @Test
    void kekAmongTheVariables_isNoted() {
        host.variables.put("CLOACINA_TRUSTED_KEYS", home.resolve("release.pem").toString());
        host.variables.put("CLOACINA_KEY_ENCRYPTION_KEY", "0".repeat(64));

        assertTrue(checks(host.run("doctor", "--json").with(0), "note").contains("kek"));
    }

    @Test
    void agentOption_needsNoSettingsToBeThere() {
        host.variables.clear();

        assertEquals(
                List.of("store"), checks(host.run("doctor", "--json").with(1), "mend"), "the command line's store");
        Done done = host.run("doctor", "--agent", "--json").with(0);
        assertTrue(checks(done, "note").contains("trust"), done.out());
    }

    @Test
    void namedStore_isTheCommandLines() {
        host.variables.put("CLOACINA_TRUSTED_KEYS", home.resolve("release.pem").toString());

        Done done = host.run("doctor", "--store", signersStore(), "--org", Shell.ORG, "--json")
                .with(0);

        assertTrue(checks(done, "ok").contains("store"), done.out());
    }
}
