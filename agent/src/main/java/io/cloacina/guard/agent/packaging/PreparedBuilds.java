// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.weave.EntryPoint;
import io.cloacina.guard.agent.weave.PreparedClasses;
import io.cloacina.guard.cli.Preparation.NotPreparedException;
import io.cloacina.guard.crypto.PackageHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * The prepared classes that every agent jar has: a file in the tree, which names the builds of the JDK that they are of.
 * It is packed as it is, so that the jar does not depend on the JDKs of the machine it is built on; but only the changes
 * that are of the hooks that the jar has.
 *
 * <p>Its lines, in words that a blank separates: {@code build}, its number, its name; {@code class}, the name of the
 * class, the two names of its change, the sum of its hooks, the numbers of the builds that have it with commas between
 * them, and the change in Base64. Others are comments.
 */
final class PreparedBuilds {

    /** In the resources of this module. */
    static final String FILE = PreparedClasses.DIRECTORY + "classes.txt";

    private static final String HEAD = """
            # The builds of the JDK whose classes the agent jar has prepared, and the changes that put the hooks into these
            # classes: PreparedBuilds.java has the format, .github/CONTRIBUTING.md the command that made this file.
            # A class that the JVM shows in two forms is there twice. What is of one build serves every other build with
            # the same class.
            """;

    /** By the name of the class, and that of the change. */
    private final TreeMap<String, Entry> entries = new TreeMap<>();

    /**
     * A change, and where it is from.
     *
     * @param hooks the sum of the hooks that it puts in
     * @param builds those that have the class
     */
    private record Entry(PreparedClass change, String hooks, Set<String> builds) {

        boolean isOf(PackJar jar) {
            return hooks.equals(PreparedBuilds.hooks(jar, change.className()));
        }
    }

    /**
     * {@code AGENT_JAR FILE JAVA_HOME…}: prepares JDKs, and has their changes in the file. What is there of other builds
     * stays, unless it is of other hooks.
     */
    @AllowedCall("the main method of a step of the build")
    public static void main(String[] arguments) throws NotPreparedException, IOException, InterruptedException {
        Path jar = Path.of(arguments[0]);
        Path file = Path.of(arguments[1]);
        PackJar content = PackJar.read(jar);
        PreparedBuilds all = new PreparedBuilds();
        if (Files.exists(file)) {
            all = read(Files.readString(file));
            int before = all.entries.size();
            all.entries.values().removeIf(one -> !one.isOf(content));
            System.out.println((before - all.entries.size()) + " changes of other hooks are dropped");
        }
        for (String home : List.of(arguments).subList(2, arguments.length)) {
            Prepare.Recorded recorded = Prepare.prepare(jar, home);
            int before = all.entries.size();
            for (PreparedClass one : recorded.classes()) {
                all.add(one, hooks(content, one.className()), recorded.build());
            }
            System.out.println("[" + recorded.build() + "]: "
                    + recorded.classes().size() + " changes, " + (all.entries.size() - before) + " of them new");
        }
        Files.writeString(file, all.text());
    }

    private void add(PreparedClass one, String hooks, String build) {
        entries.computeIfAbsent(one.className() + ' ' + one.entry(), key -> new Entry(one, hooks, new TreeSet<>()))
                .builds()
                .add(build);
    }

    /** Every build, in order. */
    List<String> builds() {
        Set<String> all = new TreeSet<>();
        for (Entry one : entries.values()) {
            all.addAll(one.builds());
        }
        return List.copyOf(all);
    }

    private String text() {
        StringBuilder text = new StringBuilder(HEAD);
        List<String> all = builds();
        for (String build : all) {
            text.append("build ")
                    .append(all.indexOf(build))
                    .append(' ')
                    .append(build)
                    .append('\n');
        }
        for (Entry one : entries.values()) {
            List<String> numbers = new ArrayList<>();
            for (String build : one.builds()) {
                numbers.add(Integer.toString(all.indexOf(build)));
            }
            text.append(String.join(
                            " ",
                            "class",
                            one.change().className(),
                            one.change().entry(),
                            one.change().quickEntry(),
                            one.hooks(),
                            String.join(",", numbers),
                            Base64.getEncoder().encodeToString(one.change().change())))
                    .append('\n');
        }
        return text.toString();
    }

    static PreparedBuilds read(String text) {
        List<String> numbered = new ArrayList<>();
        PreparedBuilds read = new PreparedBuilds();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("build")) {
                numbered.add(line.split(" ", 3)[2]);
            } else if (words[0].equals("class")) {
                byte[] change = Base64.getDecoder().decode(words[6]);
                PreparedClass one = new PreparedClass(words[1], words[2], words[3], change);
                for (String number : words[5].split(",", -1)) {
                    read.add(one, words[4], numbered.get(Integer.parseInt(number)));
                }
            }
        }
        return read;
    }

    /**
     * Has the changes in {@code jar}, in place of the file that they come from.
     *
     * @return what was done, for the log of the build
     */
    static String pack(PackJar jar) {
        byte[] file = jar.get(FILE);
        if (file == null) {
            return "no class is prepared: there is no [" + FILE + "]";
        }
        PreparedBuilds read = read(new String(file, StandardCharsets.UTF_8));
        jar.remove(FILE);
        int left = 0;
        for (Entry one : read.entries.values()) {
            if (one.isOf(jar)) {
                one.change().putInto(jar);
            } else {
                left++;
            }
        }
        return (read.entries.size() - left) + " prepared classes of "
                + read.builds().size() + " builds of the JDK"
                + (left == 0
                        ? ""
                        : "; left out: " + left + " changes in [" + FILE + "] that are of other hooks than the jar has"
                                + " (.github/CONTRIBUTING.md says how to make them anew)");
    }

    /**
     * A sum of all that is put into a class: its rows in the table of hooks, and the code of the advices without line
     * numbers. A part of it, since it is there to find what has changed.
     */
    private static String hooks(PackJar jar, String className) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.className().equals(className)) {
                all.writeBytes(entry.line().getBytes(StandardCharsets.UTF_8));
                byte[] advice = jar.get(entry.advice().replace('.', '/') + ".class");
                if (advice != null) {
                    ClassWriter writer = new ClassWriter(0);
                    OpenedClassReader.of(advice).accept(writer, ClassReader.SKIP_DEBUG);
                    all.writeBytes(writer.toByteArray());
                }
            }
        }
        return PackageHash.ofContent(all.toByteArray()).hex().substring(0, 16);
    }
}
