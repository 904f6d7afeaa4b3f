// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may use which: a package uses only those below it. */
class ArchitectureTest {

    private static final Path SOURCES = Path.of("src/main/java/io/cloacina/guard");
    private static final String ROOT = "io.cloacina.guard";

    /** For each package, the packages that it may use. The root is "". */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("internal.process", Set.of()),
            Map.entry("internal.text", Set.of()),
            Map.entry("internal.file", Set.of()),
            Map.entry("crypto", Set.of()),
            Map.entry("trust", Set.of("internal.text", "crypto")),
            Map.entry("verify", Set.of("internal.text", "internal.file", "crypto", "trust")),
            Map.entry("audit", Set.of("internal.process", "internal.text", "crypto", "trust", "verify")),
            Map.entry("internal.changes", Set.of("crypto", "trust", "audit", "internal.trust", "internal.store")),
            Map.entry("sign", Set.of("internal.process", "internal.text", "crypto", "trust", "verify")),
            Map.entry("internal.trust", Set.of("internal.text", "crypto", "trust")),
            Map.entry(
                    "internal.verify",
                    Set.of("internal.process", "internal.text", "crypto", "trust", "verify", "internal.trust")),
            Map.entry(
                    "internal.sign",
                    Set.of(
                            "internal.text",
                            "internal.file",
                            "crypto",
                            "trust",
                            "verify",
                            "sign",
                            "internal.trust",
                            "internal.verify")),
            Map.entry("internal.intake", Set.of("internal.text", "crypto", "verify", "internal.verify")),
            Map.entry(
                    "internal.store", Set.of("internal.process", "internal.text", "crypto", "trust", "internal.trust")),
            Map.entry("internal.report", Set.of("internal.text", "audit", "verify")),
            Map.entry("internal.config", Set.of("internal.text", "crypto", "verify", "audit")),
            Map.entry(
                    "internal.monitor",
                    Set.of(
                            "internal.process",
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "audit",
                            "internal.trust",
                            "internal.store",
                            "internal.config")),
            Map.entry(
                    "internal.decision",
                    Set.of(
                            "internal.process",
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "audit",
                            "internal.trust",
                            "internal.verify",
                            "internal.store",
                            "internal.config",
                            "internal.monitor",
                            "internal.report")),
            Map.entry(
                    "",
                    Set.of(
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "sign",
                            "audit",
                            "internal.trust",
                            "internal.verify",
                            "internal.sign",
                            "internal.store",
                            "internal.changes")),
            Map.entry(
                    "cli",
                    Set.of(
                            "",
                            "internal.process",
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "sign",
                            "audit",
                            "internal.trust",
                            "internal.verify",
                            "internal.sign",
                            "internal.intake",
                            "internal.store",
                            "internal.changes",
                            "internal.report",
                            "internal.config",
                            "cli.audit",
                            "cli.doctor")),
            Map.entry(
                    "cli.audit",
                    Set.of(
                            "cli",
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "sign",
                            "audit",
                            "internal.trust",
                            "internal.store",
                            "internal.report")),
            Map.entry(
                    "cli.doctor",
                    Set.of(
                            "cli",
                            "internal.process",
                            "internal.text",
                            "crypto",
                            "trust",
                            "verify",
                            "sign",
                            "audit",
                            "internal.trust",
                            "internal.sign",
                            "internal.store",
                            "internal.config")));

    /** Libraries, and the packages that may use them. */
    private static final Map<String, Set<String>> LIBRARIES = Map.ofEntries(
            Map.entry("org.bouncycastle", Set.of("crypto", "internal.intake")),
            Map.entry("org.bouncycastle.openpgp", Set.of("internal.intake")),
            Map.entry("javax.crypto", Set.of("crypto")),
            Map.entry("org.jdbi", Set.of("internal.store")),
            Map.entry("org.sqlite", Set.of("internal.store")),
            Map.entry("org.postgresql", Set.of("internal.store")),
            Map.entry("java.sql", Set.of("internal.store")),
            Map.entry("picocli", Set.of("cli", "cli.audit", "cli.doctor")),
            Map.entry("ch.qos.logback", Set.of("audit", "cli")),
            Map.entry("org.slf4j", Set.of("audit", "cli")),
            Map.entry("tools.jackson", Set.of("audit", "internal.report")));

    private static final Pattern NAME = Pattern.compile("\\b(?:[a-z0-9]+\\.)+[A-Z]\\w*");

    /** A class that a source file names in full, in an import or anywhere else outside Javadoc. */
    private record Use(Path file, String owner, String used) {}

    private static List<Use> uses() throws IOException {
        List<Use> uses = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                Path owner = SOURCES.relativize(file).getParent();
                String code =
                        Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//.*", "");
                Matcher names = NAME.matcher(code);
                while (names.find()) {
                    uses.add(new Use(file, owner == null ? "" : owner.toString().replace('/', '.'), names.group()));
                }
            }
        }
        return uses;
    }

    private static String packageOf(String className) {
        String name = className.substring(0, className.lastIndexOf('.'));
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    }

    @Test
    void packages_all_useOnlyThoseBelow() throws Exception {
        List<Use> own =
                uses().stream().filter(use -> use.used().startsWith(ROOT + ".")).toList();
        assertTrue(own.size() > 100, "the sources were found");

        List<String> wrong = own.stream()
                .filter(use -> !use.owner().equals(packageOf(use.used())))
                .filter(use -> !MAY_USE.get(use.owner()).contains(packageOf(use.used())))
                .map(use -> use.file() + " uses " + use.used())
                .toList();

        assertEquals(List.of(), wrong);
    }

    @Test
    void threads_all_areMadeAndInterruptedInOnePlace() throws Exception {
        Pattern direct =
                Pattern.compile("\\bnew (Thread|Timer|ThreadPoolExecutor)\\(|\\bExecutors\\.|\\.interrupt\\(\\)");
        List<String> wrong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                if (direct.matcher(Files.readString(file)).find()) {
                    wrong.add(SOURCES.relativize(file).toString());
                }
            }
        }

        assertEquals(List.of("internal/process/GuardThreads.java"), wrong);
    }

    /** They use what all commands share; nothing else of the command line may know them. */
    @Test
    void packagesOfOneCommand_areNamedByTheMainClassAlone() throws Exception {
        Set<String> users = new TreeSet<>();
        uses().stream()
                .filter(use -> use.owner().equals("cli") && use.used().startsWith(ROOT + "."))
                .filter(use -> packageOf(use.used()).startsWith("cli."))
                .forEach(use -> users.add(use.file().getFileName().toString()));

        assertEquals(Set.of("Cloacina.java"), users);
    }

    @Test
    void packages_all_areListedHere() throws Exception {
        Set<String> names = new TreeSet<>();
        uses().forEach(use -> names.add(use.owner()));

        assertEquals(new TreeSet<>(MAY_USE.keySet()), names);
    }

    @Test
    void libraries_all_areUsedOnlyWhereTheyBelong() throws Exception {
        List<Use> uses = uses();
        for (Map.Entry<String, Set<String>> library : LIBRARIES.entrySet()) {
            Set<String> users = new TreeSet<>();
            uses.stream()
                    .filter(use -> use.used().startsWith(library.getKey() + "."))
                    .forEach(use -> users.add(use.owner()));
            assertFalse(users.isEmpty(), library.getKey());
            users.removeAll(library.getValue());
            assertEquals(Set.of(), users, library.getKey());
        }
    }

    @Test
    void packages_all_sayWhatTheyAre() throws Exception {
        for (String owner : MAY_USE.keySet()) {
            assertTrue(
                    Files.readString(SOURCES.resolve(owner.replace('.', '/')).resolve("package-info.java"))
                            .contains("/**"),
                    owner);
        }
    }
}
