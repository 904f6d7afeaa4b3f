// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What people stumble over first. */
class MannersTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    private void makeKey() {
        shell.createTrustedKey("release");
    }

    @Test
    void noArguments_printsTheUsageAsAnError() {
        Done done = shell.run().with(2);

        assertTrue(done.err().startsWith("Usage: cloacina "), done.err());
        assertEquals("", done.out());
        assertTrue(shell.run("key").with(2).err().startsWith("Usage: cloacina key "));
    }

    @Test
    void help_ofCommands_isThatOfTheirOption() {
        assertEquals(
                shell.run("--help").with(0).out().strip(),
                shell.run("help").with(0).out().strip());
        assertEquals(
                shell.run("key", "create", "--help").with(0).out().strip(),
                shell.run("help", "key", "create").with(0).out().strip());
        assertTrue(shell.run("help", "sgin").with(2).err().contains("did you mean [sign]?"));
        assertTrue(shell.run("help", "--json")
                .with(0)
                .json()
                .get("help")
                .toString()
                .startsWith("Usage: cloacina"));
    }

    @Test
    void version_asACommand_isThatOfTheOption() {
        assertEquals(
                shell.run("--version").with(0).out(),
                shell.run("version").with(0).out());
    }

    @Test
    void help_ownOptions_standBeforeTheCommonOnes() {
        String help = shell.run("sign", "--help").with(0).out();
        String options = help.substring(help.indexOf("\n      --"));

        assertTrue(options.indexOf("--dry-run") < options.indexOf("--store"), help);
        assertTrue(options.indexOf("--no-store") < options.indexOf("--audit"), help);
    }

    @Test
    void slips_areAnsweredWithWhatWasMeant() {
        makeKey();
        Path jar = home.resolve("a.jar");

        assertTrue(shell.run("sgin", jar).with(2).err().contains("did you mean [sign]?"));
        assertTrue(shell.run("key", "creat", "x").with(2).err().contains("did you mean [create]?"));
        assertTrue(shell.run("verify", jar, "--jsno").with(2).err().contains("did you mean [--json]?"));
        assertTrue(shell.run("key", "show", "relaese").with(2).err().contains("did you mean [release]?"));
        assertTrue(shell.run("trust", "revoke", "Release2").with(2).err().contains("did you mean [release]?"));
        assertFalse(shell.run("frobnicate").with(2).err().contains("did you mean"));
    }

    @Test
    void storeThatDoesNotAnswer_isToldOnStandardErrorToo() throws Exception {
        Path jar = shell.file("a.jar", "a");

        Done done = shell.run("verify", jar, "--store", "sqlite://" + home.resolve("none.db"))
                .with(3);

        assertTrue(done.err().contains("none.db"), done.err());
    }

    @Test
    void verify_directory_isEveryPackageInIt() throws Exception {
        makeKey();
        Path directory = Files.createDirectories(home.resolve("plugins/deep"));
        Files.writeString(directory.resolve("a.jar"), "a");
        Files.writeString(directory.resolveSibling("b.so"), "b");
        shell.run("sign", "--key", "release", directory.getParent()).with(0);

        assertEquals(
                2, shell.run("verify", directory.getParent()).with(0).lines().size());
        Files.writeString(directory.resolveSibling("c.jar"), "c");
        assertEquals(
                List.of(false, true, true),
                shell.run("verify", "--json", directory.getParent()).with(1).jsons().stream()
                        .map(one -> (Boolean) one.get("verified"))
                        .sorted()
                        .toList());
        assertTrue(shell.run("verify", Files.createDirectory(home.resolve("empty")))
                .with(1)
                .out()
                .contains("nothing in [" + home.resolve("empty") + "] that is called as packages are"));
    }

    @Test
    void sign_allFilesOfADirectoryTwice_signsNoSignature() throws Exception {
        makeKey();
        Path jar = shell.file("plugins/a.jar", "a");
        Path sig = jar.resolveSibling("a.jar.sig");
        shell.run("sign", "--key", "release", jar).with(0);

        Done again = shell.run("sign", "--key", "release", jar, sig).with(0);

        assertEquals(1, again.lines().size());
        assertTrue(again.err().contains("a.jar.sig] is a signature"), again.err());
        assertTrue(Files.notExists(jar.resolveSibling("a.jar.sig.sig")));
        assertEquals(1, shell.run("verify", jar, sig).with(0).lines().size());
        assertTrue(shell.run("sign", "--key", "release", sig).with(1).err().contains("signatures only"));
    }

    @Test
    void sign_whatIsSigned_isToldAsUnchangedAndMakesNoEvent() throws Exception {
        makeKey();
        Path jar = shell.file("a.jar", "a");
        shell.run("sign", "--key", "release", jar).with(0);
        int events = shell.events().size();

        assertTrue(shell.run("sign", "--key", "release", jar).with(0).out().contains("unchanged, signed already"));
        assertEquals(
                true,
                shell.run("sign", "--key", "release", jar, "--json")
                        .with(0)
                        .json()
                        .get("unchanged"));
        assertEquals(events, shell.events().size());

        Files.delete(home.resolve("a.jar.sig"));
        assertFalse(shell.run("sign", "--key", "release", jar).with(0).out().contains("unchanged"));
        assertEquals(events + 1, shell.events().size(), "the file is new, if the row is not");
    }

    @Test
    void sign_dryRun_saysWhatWouldBeAndChangesNothing() throws Exception {
        makeKey();
        Path signed = shell.file("p/signed.jar", "a");
        Path other = shell.file("p/other.jar", "b");
        shell.run("sign", "--key", "release", signed).with(0);
        int events = shell.events().size();
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");

        Done done = shell.run("sign", "--key", "release", "--dry-run", signed.getParent())
                .with(0);

        assertTrue(done.lines().get(0).contains("other.jar: would be signed"), done.out());
        assertTrue(done.lines().get(1).contains("signed.jar: unchanged"), done.out());
        assertTrue(Files.notExists(other.resolveSibling("other.jar.sig")));
        assertEquals(events, shell.events().size());
        shell.run("sign", "--key", "release", "--dry-run", home.resolve("none.jar"))
                .with(3);
        shell.run("sign", "--key", "nobody", "--dry-run", signed).with(2);
        Files.writeString(other.resolveSibling("other.jar.sig"), "-----BEGIN PGP SIGNATURE-----");
        assertTrue(shell.run("sign", "--key", "release", "--dry-run", other)
                .with(1)
                .err()
                .contains("it seems to be an armoured OpenPGP signature; --force would overwrite it"));
        shell.run("sign", "--key", "release", "--dry-run", "--force", other).with(0);
    }

    private Done prepare(Preparation preparation, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        CliEnvironment environment = new CliEnvironment(
                shell.variables,
                home,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Clock.systemUTC());
        int status = Cloacina.run(environment, preparation, false, arguments);
        return new Done(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** As the agent jar has it, with one JDK that can be prepared. */
    private record OneJdk(Path jar, IOException failure) implements Preparation {
        @Override
        public Map<String, Integer> prepare(List<String> javaHomes) throws NotPreparedException, IOException {
            if (failure != null) {
                throw failure;
            }
            Map<String, Integer> counts = new LinkedHashMap<>();
            for (String one : javaHomes) {
                if (!one.equals("/jdk")) {
                    throw new NotPreparedException("[" + one + "] is no JDK or JRE", null);
                }
                counts.put(one, 24);
            }
            return counts;
        }
    }

    @Test
    void prepare_namesTheJarAndNeverPrintsAStack() {
        Path jar = home.resolve("cloacina-guard.jar");
        Preparation good = new OneJdk(jar, null);

        assertTrue(prepare(good, "prepare", "/jdk").with(0).out().contains(jar + ": 24 classes of [/jdk]"));
        assertEquals(
                24L, prepare(good, "prepare", "/jdk", "--json").with(0).json().get("classes"));
        assertTrue(prepare(good, "prepare", "/none").with(1).err().contains("[/none] is no JDK or JRE"));
        Done failed = prepare(
                        new OneJdk(jar, new FileSystemException("x", null, "read-only file system")), "prepare", "/jdk")
                .with(3);
        assertTrue(failed.err().contains("[" + jar + "] cannot be replaced: read-only file system"), failed.err());
        assertFalse(failed.err().contains("\tat "), failed.err());
        assertTrue(prepare(good, "prepare", "/jdk", "--beside", "/jdk")
                .with(2)
                .err()
                .contains("--beside"));
        assertTrue(prepare(null, "prepare").with(2).err().contains("java -jar cloacina-guard.jar prepare"));
        assertTrue(shell.run("completion").with(0).out().contains("prepare"));
    }

    @Test
    void standardOutput_whoseReaderIsGone_isNoError() {
        PrintStream gone = new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                true,
                StandardCharsets.UTF_8);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        CliEnvironment environment = new CliEnvironment(
                shell.variables,
                home,
                gone,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Clock.systemUTC());

        assertEquals(0, Cloacina.run(environment, null, true, "version"));
        assertEquals("", err.toString(StandardCharsets.UTF_8));
        assertEquals(3, Cloacina.run(environment, null, false, "version"));
    }
}
