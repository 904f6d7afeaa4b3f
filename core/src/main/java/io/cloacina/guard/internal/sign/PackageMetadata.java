// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What a package says it is called: in its only {@code META-INF/maven/*}{@code /*}{@code /pom.properties}, else in its
 * manifest as an OSGi bundle.
 *
 * @param name {@code groupId:artifactId} or the symbolic name; null if there is neither
 * @param version likewise
 */
public record PackageMetadata(
        @Nullable String name, @Nullable String version) {

    private static final PackageMetadata NONE = new PackageMetadata(null, null);

    private static final String MAVEN = "META-INF/maven/";
    private static final String POM_PROPERTIES = "/pom.properties";
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    /** Much more than either file has. */
    private static final int MOST_BYTES = 1 << 20;

    /**
     * Reads an archive, or a directory with the content of one. What is neither, or cannot be read, says nothing.
     *
     * @param path a file or directory
     */
    public static PackageMetadata of(Path path) {
        try {
            return Files.isDirectory(path) ? ofDirectory(path) : ofArchive(path);
        } catch (IOException | IllegalArgumentException e) {
            // The signer is asked for name and version.
            return NONE;
        }
    }

    private static PackageMetadata ofArchive(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return NONE;
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<ZipEntry> poms = new ArrayList<>();
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (isPomProperties(entry.getName())) {
                    poms.add(entry);
                }
            }
            ZipEntry manifest = zip.getEntry(MANIFEST);
            return of(
                    poms.size() == 1 ? read(zip.getInputStream(poms.get(0))) : null,
                    manifest == null ? null : read(zip.getInputStream(manifest)));
        }
    }

    private static PackageMetadata ofDirectory(Path directory) throws IOException {
        List<Path> poms = new ArrayList<>();
        Path maven = directory.resolve(MAVEN);
        if (Files.isDirectory(maven)) {
            try (Stream<Path> files = Files.walk(maven, 3)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    String name = directory.relativize(file).toString().replace('\\', '/');
                    if (isPomProperties(name) && Files.isRegularFile(file)) {
                        poms.add(file);
                    }
                }
            }
        }
        Path manifest = directory.resolve(MANIFEST);
        return of(
                poms.size() == 1 ? read(Files.newInputStream(poms.get(0))) : null,
                Files.isRegularFile(manifest) ? read(Files.newInputStream(manifest)) : null);
    }

    private static boolean isPomProperties(String name) {
        return name.startsWith(MAVEN)
                && name.endsWith(POM_PROPERTIES)
                && name.substring(MAVEN.length()).chars().filter(c -> c == '/').count() == 2;
    }

    private static byte[] read(InputStream stream) throws IOException {
        try (stream) {
            return stream.readNBytes(MOST_BYTES);
        }
    }

    private static PackageMetadata of(byte @Nullable [] pom, byte @Nullable [] manifest) throws IOException {
        if (pom != null) {
            Properties properties = new Properties();
            properties.load(new ByteArrayInputStream(pom));
            String group = properties.getProperty("groupId");
            String artifact = properties.getProperty("artifactId");
            String version = properties.getProperty("version");
            if (group != null && artifact != null && version != null) {
                return new PackageMetadata(group.strip() + ":" + artifact.strip(), version.strip());
            }
        }
        if (manifest != null) {
            Attributes main = new Manifest(new ByteArrayInputStream(manifest)).getMainAttributes();
            String name = main.getValue("Bundle-SymbolicName");
            String version = main.getValue("Bundle-Version");
            if (name != null && version != null) {
                // Directives may follow: org.example.shop;singleton:=true
                return new PackageMetadata(name.split(";", 2)[0].strip(), version.strip());
            }
        }
        return NONE;
    }
}
