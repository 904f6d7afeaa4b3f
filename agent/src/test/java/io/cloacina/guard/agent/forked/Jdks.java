// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The JDKs of this machine from 17 on: the one that runs the tests, and those where distributions put them. */
public final class Jdks {

    /** @param feature the feature release, such as 17 */
    public record Jdk(int feature, Path home) {
        public Path java() {
            return home.resolve("bin").resolve("java");
        }

        @Override
        public String toString() {
            return "JDK " + feature;
        }
    }

    private Jdks() {}

    /** One for each feature release, lowest first. */
    public static List<Jdk> all() {
        Map<Integer, Jdk> found = new LinkedHashMap<>();
        List<Path> homes = new ArrayList<>();
        homes.add(Path.of(System.getProperty("java.home")));
        for (String directory : new String[] {"/usr/lib/jvm", "/opt/java", "/Library/Java/JavaVirtualMachines"}) {
            homes.addAll(children(Path.of(directory)));
        }
        for (Path home : homes) {
            int feature = feature(home);
            if (feature >= 17) {
                found.putIfAbsent(feature, new Jdk(feature, home));
            }
        }
        return found.values().stream()
                .sorted((a, b) -> Integer.compare(a.feature(), b.feature()))
                .toList();
    }

    private static List<Path> children(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int feature(Path home) {
        Path release = home.resolve("release");
        if (!Files.isRegularFile(release) || !Files.isExecutable(home.resolve("bin/java"))) {
            return 0;
        }
        Properties properties = new Properties();
        try (var in = Files.newInputStream(release)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String version = properties.getProperty("JAVA_VERSION", "\"0\"").replace("\"", "");
        return Runtime.Version.parse(version).feature();
    }

    /** Each JDK with each value, or each JDK alone if there is no value. */
    public static Stream<Arguments> product(List<Jdk> jdks, String... with) {
        return with.length == 0
                ? jdks.stream().map(Arguments::of)
                : jdks.stream().flatMap(jdk -> Stream.of(with).map(value -> Arguments.of(jdk, value)));
    }
}
