// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.PackageContents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The classes of what the command line named, to compare with what other loaders define as such. */
final class ApplicationClasses {

    private final Environment environment;
    private final Map<String, PackageContents> byFile = new ConcurrentHashMap<>();

    ApplicationClasses(Environment environment) {
        this.environment = environment;
    }

    PackageContents.Match match(Path file, String className, byte[] bytes) {
        try {
            if (environment.isOwnJar(file)) {
                return matchOwn(className, bytes);
            }
            PackageContents contents = byFile.get(file.toString());
            if (contents == null) {
                contents = new PackageContents(file);
                byFile.put(file.toString(), contents);
            }
            return contents.match(className, bytes);
        } catch (IOException e) {
            // Not to be read as a package of classes; it will have to verify as one.
            return PackageContents.Match.DIFFERENT;
        }
    }

    /** The agent jar as a program in a JVM that it guards: its classes are in its pack. */
    private static PackageContents.Match matchOwn(String className, byte[] bytes) throws IOException {
        try (InputStream in = OwnClasses.LOADER.getResourceAsStream(className.replace('.', '/') + ".class")) {
            if (in == null) {
                return PackageContents.Match.ABSENT;
            }
            return Arrays.equals(in.readAllBytes(), bytes)
                    ? PackageContents.Match.EQUAL
                    : PackageContents.Match.DIFFERENT;
        }
    }
}
