// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.EachJdk;
import io.cloacina.guard.agent.forked.GuardedJvm;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prepared classes of the tree, against the JDKs of this machine. */
class PreparedBuildsIT {

    private static final String STALE = "the changes in " + PreparedBuilds.FILE
            + " are not of these hooks; .github/CONTRIBUTING.md says how to make them anew";

    @TempDir
    Path folder;

    private static byte[] file() throws Exception {
        return Files.readAllBytes(Path.of(System.getProperty("basedir", ""))
                .resolve("src/main/resources")
                .resolve(PreparedBuilds.FILE));
    }

    @Test
    void jar_hasEveryChangeOfTheTree() throws Exception {
        PackJar jar = PackJar.read(GuardedJvm.agentJar());
        PackJar again = PackJar.read(GuardedJvm.agentJar());
        again.put(PreparedBuilds.FILE, file());

        String done = PreparedBuilds.pack(again);

        assertTrue(done.matches("\\d+ prepared classes of \\d+ builds of the JDK"), () -> STALE + ": " + done);
        int changes = 0;
        for (String name : again.names()) {
            if (name.startsWith("prepared/")) {
                changes++;
                assertArrayEquals(again.get(name), jar.get(name), name);
            }
        }
        assertTrue(changes > 100, "nothing was compared");
        assertNull(again.get(PreparedBuilds.FILE), "what is packed needs the file no more");
    }

    /**
     * A change was applied when it was made, and made what Byte Buddy makes: {@link ChangeMaker#between}. So it is enough
     * to compare changes.
     */
    @EachJdk
    void changesOfTheTree_makeOfTheClassesOfThisJdk_whatByteBuddyMakesNow(Jdk jdk) throws Exception {
        PackJar jar = PackJar.read(GuardedJvm.agentJar());
        PreparedBuilds tree = PreparedBuilds.read(new String(file(), StandardCharsets.UTF_8));

        Prepare.Recorded now = Prepare.prepare(GuardedJvm.agentJar(), jdk.home().toString());

        assertFalse(now.classes().isEmpty(), "nothing was compared");
        boolean covered = tree.builds().contains(now.build());
        for (PreparedClass one : now.classes()) {
            byte[] prepared = jar.get("prepared/" + one.entry());
            if (covered) {
                assertNotNull(prepared, () -> one.className() + " of [" + now.build() + "] is not there: " + STALE);
            }
            if (prepared != null) {
                assertArrayEquals(one.change(), prepared, () -> one.className() + ": " + STALE);
                assertArrayEquals(one.change(), jar.get("prepared/" + one.quickEntry()), one::className);
            }
        }
    }

    /** One entry serves every build with the same class: that is what the names are for. */
    @Test
    void tree_hasClassesThatSeveralBuildsShare() throws Exception {
        PreparedBuilds tree = PreparedBuilds.read(new String(file(), StandardCharsets.UTF_8));
        Map<String, Integer> lines = new HashMap<>();
        new String(file(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("class "))
                .forEach(line -> lines.put(line, line.split(" ")[5].split(",").length));

        assertTrue(tree.builds().size() > 1);
        assertTrue(lines.values().stream().anyMatch(builds -> builds > 1));
    }

    /** A change of one hook leaves what is prepared of classes without that hook. */
    @Test
    void changesOfOtherHooks_areNotPacked_andTheOthersAre() throws Exception {
        PackJar jar = PackJar.read(GuardedJvm.agentJar());
        for (String name : namesOf(jar)) {
            if (name.startsWith("prepared/")) {
                jar.remove(name);
            }
        }
        jar.put(
                PreparedBuilds.FILE,
                new String(file(), StandardCharsets.UTF_8)
                        .replaceAll("(?m)^(class java.lang.ClassLoader \\S+ \\S+) \\S+", "$1 0123456789abcdef")
                        .getBytes(StandardCharsets.UTF_8));

        String done = PreparedBuilds.pack(jar);

        assertTrue(done.contains("that are of other hooks"), done);
        for (String line : new String(file(), StandardCharsets.UTF_8).lines().toList()) {
            String[] words = line.split(" ");
            if (words[0].equals("class")) {
                boolean left = jar.get("prepared/" + words[2]) == null;
                assertEquals(words[1].equals("java.lang.ClassLoader"), left, words[1]);
            }
        }
    }

    private static List<String> namesOf(PackJar jar) {
        List<String> names = new ArrayList<>();
        jar.names().forEach(names::add);
        return names;
    }

    /** The command that makes the file: what is there of another build stays, and the same JDKs give the same file. */
    @Test
    void main_keepsWhatIsThere_andGivesTheSameFile() throws Exception {
        Path file = folder.resolve("classes.txt");
        Files.write(file, file());
        List<String> before = PreparedBuilds.read(Files.readString(file)).builds();

        PreparedBuilds.main(
                new String[] {GuardedJvm.agentJar().toString(), file.toString(), System.getProperty("java.home")});

        String once = Files.readString(file);
        assertTrue(PreparedBuilds.read(once).builds().containsAll(before), once.substring(0, 1000));
        PreparedBuilds.main(
                new String[] {GuardedJvm.agentJar().toString(), file.toString(), System.getProperty("java.home")});
        assertTrue(once.equals(Files.readString(file)), "the file is another one");
    }

    @Test
    void main_dropsWhatIsOfOtherHooks() throws Exception {
        Path file = folder.resolve("classes.txt");
        Files.writeString(
                file, "build 0 1.0 of another time\nclass java.lang.ClassLoader 00 1-2-3 0123456789abcdef 0 AAAA\n");

        PreparedBuilds.main(
                new String[] {GuardedJvm.agentJar().toString(), file.toString(), System.getProperty("java.home")});

        List<String> builds = PreparedBuilds.read(Files.readString(file)).builds();
        assertTrue(builds.size() == 1 && !builds.get(0).contains("another time"), builds::toString);
    }
}
