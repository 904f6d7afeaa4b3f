// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Secrets that were given as text where a file, a name or a word is wanted come back nowhere. */
class GivenKeysTest {

    private static final List<List<String>> HASHES =
            List.of(List.of("package", "withdraw"), List.of("package", "reinstate"));

    private static final byte[] SEED = seed();
    private static final String BASE64 = Base64.getEncoder().encodeToString(SEED);
    private static final String BODY = "MC4CAQAwBQYDK2VwBCIEI" + BASE64.substring(0, 43);

    /** The form of the secret, and the letters and digits of it that must not be seen. */
    private static final Map<String, String> SECRETS = new LinkedHashMap<>(Map.of(
            "-----BEGIN PRIVATE KEY-----\n" + BODY + "\n-----END PRIVATE KEY-----\n",
            BODY,
            "-----BEGIN PRIVATE KEY-----" + BODY + "-----END PRIVATE KEY-----",
            BODY,
            BODY,
            BODY,
            BASE64,
            BASE64,
            Base64.getUrlEncoder().withoutPadding().encodeToString(SEED),
            Base64.getUrlEncoder().withoutPadding().encodeToString(SEED),
            HexFormat.of().formatHex(SEED),
            HexFormat.of().formatHex(SEED)));

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    private static byte[] seed() {
        byte[] seed = new byte[32];
        new Random(7).nextBytes(seed);
        return seed;
    }

    @BeforeEach
    void makeAKeyAndAFile() throws IOException {
        shell.run("key", "create", "release").with(0);
        shell.file("x", "x");
    }

    private void assertNotRepeated(String secret, Object... arguments) throws IOException {
        Done done = shell.run(arguments);
        String seen = done.out() + done.err() + Files.readString(home.resolve(".cloacina/audit.jsonl"));
        String letters = SECRETS.get(secret);
        for (int i = 0; i + 10 <= letters.length(); i++) {
            String piece = letters.substring(i, i + 10);
            assertFalse(seen.contains(piece), () -> Arrays.toString(arguments) + "\n" + done);
        }
        assertTrue(
                done.status() == 2 || done.status() == 1 || done.status() == 3,
                () -> Arrays.toString(arguments) + done);
        // Nothing was made that has the secret as its name.
        assertTrue(
                shell.names().stream().noneMatch(name -> name.contains(letters.substring(0, 10))),
                () -> Arrays.toString(arguments) + done);
    }

    private static CommandLine all(Shell shell) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return Cloacina.commandLine(shell.environment(nowhere, nowhere));
    }

    /** Every command that does something, as it is called. */
    private static void collect(CommandLine line, List<String> path, Map<List<String>, CommandLine> found) {
        if (line.getSubcommands().isEmpty()) {
            found.put(path, line);
        }
        line.getSubcommands().forEach((name, sub) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(sub, longer, found);
        });
    }

    @Test
    void everyCommandAndOption_givenASecret_repeatsItNowhere() throws IOException {
        Map<List<String>, CommandLine> commands = new LinkedHashMap<>();
        collect(all(shell), List.of(), commands);
        assertTrue(commands.size() > 15, commands.keySet().toString());
        int options = 0;
        for (Map.Entry<List<String>, CommandLine> command : commands.entrySet()) {
            List<String> path = command.getKey();
            List<String> call = new ArrayList<>(path);
            String secretFor = null;
            int words =
                    command.getValue().getCommandSpec().positionalParameters().size();
            for (String secret : SECRETS.keySet()) {
                // The hash of a package looks the same, and is what is wanted there and shown.
                if (HASHES.contains(path) && secret.matches("[0-9a-f]{64}")) {
                    continue;
                }
                for (int place = 0; place < Math.max(1, words); place++) {
                    List<String> given = new ArrayList<>(
                            Collections.nCopies(words, home.resolve("x").toString()));
                    given.add("");
                    given.set(place, secret);
                    given.remove("");
                    assertNotRepeated(secret, concat(path, given));
                    given.add("--json");
                    assertNotRepeated(secret, concat(path, given));
                }
                assertNotRepeated(secret, concat(path, List.of("--no-such-option", secret)));
            }
            for (OptionSpec option : command.getValue().getCommandSpec().options()) {
                boolean own = !option.inherited() || path.equals(List.of("sign"));
                if (!own || option.arity().max() == 0) {
                    continue;
                }
                options++;
                for (String secret : SECRETS.keySet()) {
                    // A public key is 64 hexadecimal digits too, and it is the one place where it is wanted.
                    if (option.longestName().equals("--raw") && secret.matches("[0-9a-f]{64}")) {
                        continue;
                    }
                    List<String> given = new ArrayList<>(
                            Collections.nCopies(words, home.resolve("x").toString()));
                    given.addAll(List.of(option.longestName(), secret));
                    assertNotRepeated(secret, concat(path, given));
                    assertNotRepeated(secret, concat(path, List.of(option.longestName() + "=" + secret, "--json")));
                }
            }
        }
        assertTrue(options > 25, "own options: " + options);
    }

    private static Object[] concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all.toArray();
    }

    @Test
    void everyVariable_givenASecret_repeatsItNowhere() throws IOException {
        for (String variable : List.of(
                "CLOACINA_ORG_ID",
                "CLOACINA_DATABASE_URL",
                "CLOACINA_AUDIT",
                "CLOACINA_AUDIT_TIMEOUT",
                "CLOACINA_VERIFICATION_ORG_ID",
                "CLOACINA_TRUSTED_KEYS",
                "CLOACINA_PIN_DIRECTORY",
                "CLOACINA_SCOPE")) {
            for (String secret : SECRETS.keySet()) {
                String before = shell.variables.put(variable, secret);
                if (variable.equals("CLOACINA_VERIFICATION_ORG_ID")) {
                    shell.variables.remove("CLOACINA_ORG_ID");
                }
                assertNotRepeated(secret, "doctor");
                if (!List.of("CLOACINA_TRUSTED_KEYS", "CLOACINA_PIN_DIRECTORY", "CLOACINA_SCOPE")
                        .contains(variable)) {
                    assertNotRepeated(secret, "verify", home.resolve("x"), "--json");
                    assertNotRepeated(secret, "key", "create", "other");
                }
                shell.variables.put("CLOACINA_ORG_ID", Shell.ORG.toString());
                shell.variables.remove(variable);
                if (before != null) {
                    shell.variables.put(variable, before);
                }
            }
        }
    }

    @Test
    void secretAsFile_isCalledExposed() {
        assertTrue(shell.run("sign", home.resolve("x"), "--private-key", BODY)
                .with(2)
                .err()
                .contains(
                        "--private-key: the text of a key stands where the name of a file is wanted; if it is a secret, it"
                                + " must be considered exposed"));
        assertEquals(
                "key_given",
                shell.run(
                                "sign",
                                home.resolve("x"),
                                "--key",
                                "release",
                                "--kek-file",
                                HexFormat.of().formatHex(SEED),
                                "--json")
                        .with(2)
                        .json()
                        .get("error"));
    }

    @Test
    void ordinaryWrongName_isNamed() {
        assertTrue(shell.run("sign", home.resolve("x"), "--private-key", "nosuch.pem")
                .with(3)
                .err()
                .contains("[nosuch.pem]"));
    }

    @Test
    void packageNamedByItsHash_isSigned() throws IOException {
        Path blob = shell.file(HexFormat.of().formatHex(SEED), "content");

        shell.run("sign", blob, "--key", "release").with(0);
    }
}
