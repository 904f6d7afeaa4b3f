// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A project of modules, each with a configuration of its own. */
final class Reactor {

    private static final List<String> PLUGINS = List.of(
            "maven-resources-plugin",
            "maven-compiler-plugin",
            "maven-surefire-plugin",
            "maven-jar-plugin",
            "maven-war-plugin",
            "maven-source-plugin",
            "maven-install-plugin");

    private final Path directory;
    private final String group;
    private final String plugins;
    private final List<String> modules = new ArrayList<>();

    /** @param plugins of the build of each module */
    Reactor(Path directory, String plugins) throws IOException {
        this(directory, "sample", plugins);
    }

    Reactor(Path directory, String group, String plugins) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.group = group;
        this.plugins = plugins;
    }

    Path directory() {
        return directory;
    }

    /** The plugin with some {@link #goal}s. */
    static String guard(String... goals) {
        return """
            <plugin>
              <groupId>io.cloacina</groupId>
              <artifactId>cloacina-guard-maven-plugin</artifactId>
              <version>%s</version>
              <executions>%s</executions>
            </plugin>
            """.formatted(MavenBuild.VERSION, String.join("", goals));
    }

    /** An execution of a goal. */
    static String goal(String goal, String configuration) {
        return """
            <execution>
              <id>%1$s</id>
              <goals><goal>%1$s</goal></goals>
              <configuration>%2$s</configuration>
            </execution>
            """.formatted(goal, configuration);
    }

    Reactor module(String name, String rest) throws IOException {
        return module(name, "jar", rest);
    }

    /** @param rest of its POM */
    Reactor module(String name, String packaging, String rest) throws IOException {
        modules.add(name);
        Path module = Files.createDirectories(directory.resolve(name).resolve("src/main/resources"));
        Files.writeString(module.resolve("name.txt"), name);
        Files.writeString(directory.resolve(name).resolve("pom.xml"), """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <parent>
                <groupId>%s</groupId>
                <artifactId>%s</artifactId>
                <version>1</version>
              </parent>
              <artifactId>%s</artifactId>
              <packaging>%s</packaging>
              %s
            </project>
            """.formatted(
                        group, directory.getFileName(), name, packaging, rest));
        return this;
    }

    /** Writes the POM of all. */
    Path write() throws IOException {
        StringBuilder managed = new StringBuilder();
        for (String plugin : PLUGINS) {
            managed.append("<plugin><artifactId>")
                    .append(plugin)
                    .append("</artifactId><version>")
                    .append(MavenBuild.version(plugin))
                    .append("</version></plugin>\n");
        }
        String names = "";
        for (String module : modules) {
            names += "<module>" + module + "</module>\n";
        }
        Files.writeString(
                directory.resolve("pom.xml"), """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>%s</groupId>
              <artifactId>%s</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <properties>
                <maven.compiler.release>17</maven.compiler.release>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              <modules>%s</modules>
              <build>
                <pluginManagement>
                  <plugins>
                    %s
                  </plugins>
                </pluginManagement>
                <plugins>
                  %s
                </plugins>
              </build>
            </project>
            """.formatted(group, directory.getFileName(), names, managed, plugins));
        return directory;
    }
}
