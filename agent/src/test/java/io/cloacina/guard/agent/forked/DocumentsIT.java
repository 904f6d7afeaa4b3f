// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the commands of the documents as they are printed: every fenced block that names no language, one section after
 * another, in a shell with an empty home directory. Directories of the operating system that the guide names lie in a
 * directory of the test's.
 */
class DocumentsIT {

    private static final Path README = Path.of("../README.md");
    private static final Path AUDIT_LOG = Path.of("../core/docs/audit-log.md");
    private static final Path REVOCATION = Path.of("../core/docs/revocation.md");
    private static final Path GUIDE = Path.of("../core/docs/OPERATIONS.md");
    private static final Path GUARD_JAR = Path.of("target/cloacina-guard.jar").toAbsolutePath();
    private static final List<String> SYSTEM_DIRECTORIES = List.of(
            "/opt/cloacina", "/opt/host", "/srv", "/run/cloacina", "/var/log/cloacina", "/mnt/safe", "/etc/cloacina");

    private static EmbeddedPostgres server;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Path directory = fixture.directory();
    private final Packages packages = fixture.packages();
    private Path work;
    private Path home;

    @BeforeAll
    static void startServer() throws IOException {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @BeforeEach
    void prepare() throws IOException {
        work = fixture.newDirectory("work");
        home = fixture.newDirectory("home");
    }

    /**
     * The shell commands of the section whose heading is {@code heading}, or of what comes before the first section.
     * Fenced blocks that name a language are no commands; a number sign within a block begins a comment, no heading.
     */
    private static List<String> commands(Path document, String heading) throws IOException {
        List<String> blocks = new ArrayList<>();
        boolean inside = heading == null;
        StringBuilder block = null;
        boolean fenced = false;
        for (String line : Files.readAllLines(document)) {
            if (line.strip().startsWith("```")) {
                if (block != null) {
                    blocks.add(block.toString().stripIndent());
                }
                block = !fenced && inside && line.strip().equals("```") ? new StringBuilder() : null;
                fenced = !fenced;
            } else if (block != null) {
                block.append(line).append('\n');
            } else if (!fenced && line.matches("##+ .*")) {
                inside = line.replaceFirst("##+ ", "").equals(heading);
            }
        }
        assertFalse(blocks.isEmpty(), () -> document + " has no commands in [" + heading + "]");
        return blocks;
    }

    private record Session(String output, List<String> failures) {}

    /** Runs the blocks in one shell; a failure is the status and the command of everything that did not end with 0. */
    private Session run(Map<String, String> variables, List<String> blocks) throws Exception {
        Path failures = directory.resolve("failures");
        Files.deleteIfExists(failures);
        String script = "trap 'echo $? $LINENO >> \"$FAILURES\"' ERR\n" + String.join("\n", blocks);
        for (String system : SYSTEM_DIRECTORIES) {
            script = script.replaceAll("(?<![\\w.])" + system + "(?=[/ \n])", directory + system);
        }
        ProcessBuilder builder = new ProcessBuilder("bash", "-u")
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectInput(
                        Files.writeString(directory.resolve("script"), script).toFile())
                .redirectOutput(directory.resolve("output").toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("CLOACINA_"));
        environment.put("HOME", home.toString());
        environment.put("FAILURES", failures.toString());
        environment.putAll(variables);
        Process shell = builder.start();
        try {
            assertTrue(shell.waitFor(5, TimeUnit.MINUTES), () -> "the commands do not end: " + blocks);
        } finally {
            shell.destroyForcibly();
        }
        String output = Files.readString(directory.resolve("output"));
        List<String> lines = script.lines().toList();
        List<String> failed = new ArrayList<>();
        if (Files.exists(failures)) {
            for (String failure : Files.readAllLines(failures)) {
                String[] words = failure.split(" ");
                failed.add(words[0] + " "
                        + lines.get(Integer.parseInt(words[1]) - 1).replaceFirst(" +#.*", ""));
            }
        }
        return new Session(output, failed);
    }

    private Path host(Path jar) throws Exception {
        Path classes = Files.createDirectories(directory.resolve("host"));
        Packages.compile(classes, "Host", """
                import java.io.File;
                import java.net.URL;
                import java.net.URLClassLoader;

                public class Host {
                    public static void main(String[] args) throws Exception {
                        for (File plugin : new File(args[0]).listFiles((directory, name) -> name.endsWith(".jar"))) {
                            try (URLClassLoader loader = new URLClassLoader(new URL[] {plugin.toURI().toURL()})) {
                                Class.forName("sample.Plugin", true, loader);
                                System.out.println("loaded " + plugin.getName());
                            } catch (ClassNotFoundException e) {
                                System.out.println("refused " + plugin.getName());
                            }
                        }
                    }
                }
                """);
        Path manifest = Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF");
        Files.writeString(manifest, "Manifest-Version: 1.0\nMain-Class: Host\n");
        return Packages.zip(classes, jar);
    }

    @Test
    void readme_fromTheFirstKeyToEnforcementCheckpointAndRotation() throws Exception {
        Files.createDirectories(work.resolve("agent/target"));
        Files.createSymbolicLink(work.resolve("agent/target/cloacina-guard.jar"), GUARD_JAR);
        Files.createDirectories(directory.resolve("mnt/safe"));
        host(work.resolve("host.jar"));
        Path plugin = packages.jar("butler.jar", directory.resolve("marker"), "butler");
        Files.move(plugin, Files.createDirectories(work.resolve("plugins")).resolve("butler.jar"));

        List<String> blocks = new ArrayList<>(commands(README, "Your own host in five steps"));
        blocks.addAll(commands(AUDIT_LOG, "Checkpoints"));
        blocks.addAll(commands(REVOCATION, "Rotate and revoke"));
        blocks.add("java -javaagent:$GUARD -Dcloacina.require_signatures=true -jar host.jar plugins");
        Session session = run(Map.of(), blocks);

        assertEquals(List.of("1 cloacina audit report host.jsonl"), session.failures(), session::output);
        assertEquals(3, session.output().split("loaded butler.jar", -1).length - 1, session::output);
        assertTrue(session.output().contains("complete: "), session::output);
    }

    /** What the sections of the guide begin with: a store, a key, a signed plugin and the record of a host. */
    private List<String> guide(String heading) throws Exception {
        for (String system : List.of("opt/cloacina", "srv/host/plugins", "srv/evidence", "mnt/safe", "etc/cloacina")) {
            Files.createDirectories(directory.resolve(system));
        }
        Files.createDirectories(directory.resolve("var/log/cloacina"));
        Files.createSymbolicLink(directory.resolve("opt/cloacina/cloacina-guard.jar"), GUARD_JAR);
        host(directory.resolve("srv/host/host.jar"));
        Path plugin = packages.jar("butler.jar", directory.resolve("marker"), "butler");
        Files.copy(plugin, directory.resolve("srv/host/plugins/butler.jar"));
        Files.createDirectories(work.resolve("build/libs"));
        Files.copy(plugin, work.resolve("build/libs/plugin.jar"));

        List<String> blocks = new ArrayList<>(commands(GUIDE, null));
        blocks.add("java -javaagent:/opt/cloacina/cloacina-guard.jar -Dcloacina.verification_org_id=$CLOACINA_ORG_ID"
                + " -Dcloacina.require_signatures=true -Dcloacina.audit=file:/var/log/cloacina/host.jsonl"
                + " -jar /srv/host/host.jar /srv/host/plugins");
        blocks.add("mkdir hosts; cp /var/log/cloacina/host.jsonl hosts");
        blocks.addAll(commands(GUIDE, heading));
        return blocks;
    }

    private Session runOnServer(List<String> blocks) throws Exception {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS trust WITH (FORCE)");
            statement.execute("DROP DATABASE IF EXISTS trust_restored");
            statement.execute("CREATE DATABASE trust");
            statement.execute("CREATE DATABASE trust_restored");
        }
        String address = "postgres://postgres:postgres@localhost:" + server.getPort() + "/trust";
        List<String> here = blocks.stream()
                .map(block -> block.replace("postgres://cloacina_owner:PASSWORD@db.example.org/trust", address))
                .toList();
        return run(
                Map.of("PGHOST", "localhost", "PGPORT", "" + server.getPort(), "PGUSER", "postgres", "PGPASSWORD", "x"),
                here);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Signing in CI", "From audit to enforcement", "Rotate"})
    void guide_section_runsAsPrinted(String heading) throws Exception {
        Session session = runOnServer(guide(heading));

        assertEquals(List.of(), session.failures(), session::output);
        assertTrue(session.output().contains("loaded butler.jar"), session::output);
    }

    @Test
    void guide_auditLog() throws Exception {
        List<String> blocks = guide("The audit log");
        String job = cronJob();
        // The checkpoint job runs before the first verification; the last block names a sequence of another record.
        blocks.add(blocks.size() - 2, job);

        Session session = runOnServer(blocks);

        assertEquals(1, session.failures().size(), session::output);
        assertTrue(session.failures().get(0).contains("--from 542"), session::output);
        assertTrue(session.output().contains("1 checkpoint"), session::output);
    }

    private static String cronJob() throws IOException {
        Matcher cron = Pattern.compile("(?m)^\\*/10 \\* \\* \\* \\* root (.*)$").matcher(Files.readString(GUIDE));
        assertTrue(cron.find());
        return cron.group(1);
    }

    @Test
    void guide_threeInTheMorning() throws Exception {
        assumeTrue(onPath("psql"), "no psql on this machine");

        List<String> blocks = guide("Three in the morning");
        // A withdrawn package would be refused for that, whatever becomes of its key.
        int stolen = 0;
        while (!blocks.get(stolen).contains("cloacina trust revoke")) {
            stolen++;
        }
        blocks.add(stolen, "cloacina package reinstate --all-orgs /srv/host/plugins/butler.jar");

        Session session = runOnServer(blocks);

        // Nothing runs there that has loaded the package, so that grep finds nothing.
        assertEquals(
                List.of("1 cloacina verify", "1 grep -h package.revoked.loaded", "1 cloacina verify"),
                session.failures().stream()
                        .map(failure -> failure.replaceFirst(" /.*", ""))
                        .toList(),
                session::output);
        assertTrue(session.output().contains("withdrawn_package"), session::output);
        assertTrue(session.output().contains("untrusted_signer"), session::output);
    }

    @Test
    void guide_backup() throws Exception {
        assumeTrue(onPath("pg_dump") && dumps(), "no pg_dump that reads the test's server");

        Session session = runOnServer(guide("Backup"));

        assertEquals(1, session.failures().size(), session::output);
        assertTrue(session.failures().get(0).startsWith("1 grep"), session::output);
    }

    /** Whether this machine's pg_dump is not older than the server, which it refuses then. */
    private boolean dumps() throws Exception {
        Process dump = new ProcessBuilder(
                        "pg_dump", "-s", "-h", "localhost", "-p", "" + server.getPort(), "-U", "postgres", "postgres")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return dump.waitFor() == 0;
    }

    /** The image's file, each line done to directories of the test's, started as its entry point says. */
    @Test
    void guide_containerImage_startsAHostThatRefusesTheUnsigned() throws Exception {
        List<String> image = imageFile();
        String organisation = value(image, "CLOACINA_VERIFICATION_ORG_ID");
        host(work.resolve("host.jar"));
        Files.createDirectories(directory.resolve("opt/host"));
        Files.createDirectories(directory.resolve("opt/cloacina"));
        Files.createDirectories(directory.resolve("var/log"));
        Files.createDirectories(directory.resolve("run"));
        Files.copy(GUARD_JAR, work.resolve("cloacina-guard.jar"));
        for (String name : List.of("butler.jar", "stranger.jar")) {
            Files.move(
                    packages.jar(name, directory.resolve("marker"), name),
                    Files.createDirectories(work.resolve("plugins")).resolve(name));
        }
        Files.copy(GUARD_JAR, directory.resolve("opt/cloacina/cloacina-guard.jar"));
        List<String> blocks = new ArrayList<>(commands(GUIDE, null).subList(0, 1));
        blocks.add("export CLOACINA_ORG_ID=" + organisation);
        blocks.add("openssl rand -base64 32 > ~/kek; chmod 600 ~/kek; cloacina store init");
        blocks.add("cloacina key create image --kek-file ~/kek; cloacina trust add --key image");
        blocks.add("cloacina sign plugins/butler.jar --key image --kek-file ~/kek");
        blocks.add("unset CLOACINA_ORG_ID");
        blocks.add("export JAVA_HOME=" + System.getProperty("java.home"));
        blocks.addAll(image);
        // What was run while the image was made has left nothing that only its user may write.
        blocks.add(blocks.size() - 1, "test -z \"$(find /run/cloacina/ /var/log/cloacina/ -mindepth 1)\"");
        blocks.add("unset JDK_JAVA_OPTIONS");
        blocks.add("JDK_JAVA_OPTIONS=\"-javaagent:/opt/cloacina/cloacina-guard.jar\" cloacina prepare \"$JAVA_HOME\"");

        Session session = runOnServer(blocks);

        assertEquals(List.of(), session.failures(), session::output);
        assertTrue(session.output().contains("loaded butler.jar"), session::output);
        assertTrue(session.output().contains("refused stranger.jar"), session::output);
        assertTrue(Files.size(directory.resolve("var/log/cloacina/host.jsonl")) > 0, session::output);
        assertTrue(Files.isDirectory(directory.resolve("run/cloacina/copies")), session::output);
    }

    /** The lines of the image's file as commands: where only root may give a directory away, it stays the user's. */
    private static List<String> imageFile() throws IOException {
        Matcher block = Pattern.compile("(?s)```dockerfile\n(.*?)```").matcher(Files.readString(GUIDE));
        assertTrue(block.find());
        List<String> commands = new ArrayList<>();
        for (String line : block.group(1).replace("\\\n", " ").split("\n")) {
            String[] words = line.split(" +", 2);
            switch (words[0]) {
                case "COPY" -> commands.add("cp -r " + words[1]);
                case "ENV" -> commands.add("export " + words[1]);
                case "RUN" -> commands.add(words[1].replaceAll("-o \\d+ ", ""));
                case "ENTRYPOINT" -> commands.add(words[1].replaceAll("[\\[\\],]", " "));
                default -> assertTrue(List.of("FROM", "USER").contains(words[0]), line);
            }
        }
        return commands;
    }

    private static String value(List<String> image, String variable) {
        Matcher setting = Pattern.compile(variable + "=(\\S+)").matcher(String.join("\n", image));
        assertTrue(setting.find(), variable);
        return setting.group(1);
    }

    private static boolean onPath(String program) {
        for (String place : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(place, program))) {
                return true;
            }
        }
        return false;
    }
}
