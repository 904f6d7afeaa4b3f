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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * The prepared classes that every agent jar has: a file in the tree, which names the builds of the JDK that they are of.
 * It is packed as it is, so that the jar does not depend on the JDKs of the machine it is built on; but only if its
 * changes are of the hooks that the jar has.
 *
 * <p>Its lines, in words that a blank separates: {@code hooks}, and their sum; {@code build}, its number, its name;
 * {@code class}, the name of the class, the two names of its change, the numbers of the builds that have it with commas
 * between them, and the change in Base64. Others are comments.
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

    private static final Pattern ADVICES =
            Pattern.compile("io/cloacina/guard/agent/weave/(Definition)?Advices(\\$.*)?\\.class");

    /** The sum of the hooks that the changes put in. */
    private final String hooks;

    private final TreeMap<String, PreparedClass> classes = new TreeMap<>();
    /** By the key in {@link #classes}: the builds that have it. */
    private final Map<String, Set<String>> builds = new TreeMap<>();

    private PreparedBuilds(String hooks) {
        this.hooks = hooks;
    }

    /**
     * {@code AGENT_JAR FILE JAVA_HOME…}: prepares JDKs, and has their changes in the file. What is there of other builds
     * stays, unless it is of other hooks.
     */
    @AllowedCall("the main method of a step of the build")
    public static void main(String[] arguments) throws NotPreparedException, IOException, InterruptedException {
        Path jar = Path.of(arguments[0]);
        Path file = Path.of(arguments[1]);
        PreparedBuilds all = new PreparedBuilds(hooks(PackJar.read(jar)));
        if (Files.exists(file)) {
            all.keep(read(Files.readString(file)));
        }
        for (String home : List.of(arguments).subList(2, arguments.length)) {
            Prepare.Recorded recorded = Prepare.prepare(jar, home);
            int before = all.classes.size();
            all.add(recorded);
            System.out.println("[" + recorded.build() + "]: "
                    + recorded.classes().size() + " changes, " + (all.classes.size() - before) + " of them new");
        }
        Files.writeString(file, all.text());
    }

    private void keep(PreparedBuilds other) {
        if (hooks.equals(other.hooks)) {
            classes.putAll(other.classes);
            builds.putAll(other.builds);
        } else {
            System.out.println("the hooks have changed: dropped is what was prepared of " + other.builds());
        }
    }

    private void add(Prepare.Recorded recorded) {
        for (PreparedClass one : recorded.classes()) {
            add(one, recorded.build());
        }
    }

    private void add(PreparedClass one, String build) {
        String key = one.className() + ' ' + one.entry();
        classes.put(key, one);
        builds.computeIfAbsent(key, name -> new TreeSet<>()).add(build);
    }

    /** Every build, in order. */
    List<String> builds() {
        Set<String> all = new TreeSet<>();
        builds.values().forEach(all::addAll);
        return List.copyOf(all);
    }

    private String text() {
        StringBuilder text =
                new StringBuilder(HEAD).append("hooks ").append(hooks).append('\n');
        List<String> all = builds();
        for (String build : all) {
            text.append("build ")
                    .append(all.indexOf(build))
                    .append(' ')
                    .append(build)
                    .append('\n');
        }
        for (Map.Entry<String, PreparedClass> entry : classes.entrySet()) {
            PreparedClass one = entry.getValue();
            List<String> numbers = new ArrayList<>();
            for (String build : builds.get(entry.getKey())) {
                numbers.add(Integer.toString(all.indexOf(build)));
            }
            text.append(String.join(
                            " ",
                            "class",
                            one.className(),
                            one.entry(),
                            one.quickEntry(),
                            String.join(",", numbers),
                            Base64.getEncoder().encodeToString(one.change())))
                    .append('\n');
        }
        return text.toString();
    }

    static PreparedBuilds read(String text) {
        String hooks = "";
        List<String> numbered = new ArrayList<>();
        List<String[]> changes = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 6);
            switch (words[0]) {
                case "hooks" -> hooks = words[1];
                case "build" -> numbered.add(line.split(" ", 3)[2]);
                case "class" -> changes.add(words);
                default -> {
                    // A comment.
                }
            }
        }
        PreparedBuilds read = new PreparedBuilds(hooks);
        for (String[] words : changes) {
            byte[] change = Base64.getDecoder().decode(words[5]);
            PreparedClass one = new PreparedClass(words[1], words[2], words[3], change);
            for (String number : words[4].split(",")) {
                read.add(one, numbered.get(Integer.parseInt(number)));
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
        if (!read.hooks.equals(hooks(jar))) {
            return "no class is prepared: the changes in [" + FILE + "] are of other hooks than the jar has;"
                    + " .github/CONTRIBUTING.md says how to make them anew";
        }
        for (PreparedClass one : read.classes.values()) {
            one.putInto(jar);
        }
        return read.classes.size() + " prepared classes of " + read.builds().size() + " builds of the JDK";
    }

    /** A sum of all that is put into classes: the table of hooks, and the code of the advices without line numbers. */
    private static String hooks(PackJar jar) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (EntryPoint entry : EntryPoint.values()) {
            all.writeBytes((entry.line() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        int rows = all.size();
        for (String name : jar.names()) {
            if (ADVICES.matcher(name).matches()) {
                ClassWriter writer = new ClassWriter(0);
                OpenedClassReader.of(jar.get(name)).accept(writer, ClassReader.SKIP_DEBUG);
                all.writeBytes(writer.toByteArray());
            }
        }
        if (all.size() == rows) {
            throw new IllegalStateException("the jar has no advices");
        }
        return PackageHash.ofContent(all.toByteArray()).hex();
    }
}
