// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test of a guarded JVM begins with: a directory of its own, packages and a key to sign them, and JVMs with the
 * settings that most tests want. The directory is there as soon as the fixture is, so that fields of the test can be made
 * with it, and is removed behind the test.
 */
public final class Fixture implements AfterEachCallback {

    private final Path directory;
    private final Packages packages;

    public Fixture() {
        try {
            directory = Files.createTempDirectory("guarded");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        packages = new Packages(directory);
    }

    Path directory() {
        return directory;
    }

    /** A path in the directory, whether there is something or not. */
    Path file(String name) {
        return directory.resolve(name);
    }

    /** A directory in the directory, made if need be. */
    Path newDirectory(String name) throws IOException {
        return Files.createDirectories(file(name));
    }

    Packages packages() {
        return packages;
    }

    /** A JVM with the agent, whose settings are the defaults but for the audit log. */
    GuardedJvm jvm(Jdk jdk) {
        return new GuardedJvm(jdk, directory);
    }

    /** A JVM that trusts the packages' key, and refuses what it does not trust if {@code enforcing}. */
    GuardedJvm trusting(Jdk jdk, boolean enforcing) throws IOException {
        return jvm(jdk).set("cloacina.require_signatures", enforcing)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    /** A JVM that trusts the packages' key alone. */
    GuardedJvm enforcing(Jdk jdk) throws IOException {
        return trusting(jdk, true);
    }

    /** A JVM that asks a trust store for {@link TestStore#ORG}. */
    GuardedJvm enforcing(Jdk jdk, String storeUrl) {
        return jvm(jdk).set("cloacina.require_signatures", true)
                .set("cloacina.database_url", storeUrl)
                .set("cloacina.verification_org_id", TestStore.ORG);
    }

    /** The events of a type that the last JVM has recorded so far; it may still be running. */
    List<LoggedEvent> events(String type) throws IOException {
        return LoggedEvent.ofType(type, LoggedEvent.read(file("events.jsonl")));
    }

    /** Makes an SQLite trust store that trusts the packages' key and has a signature of each file; its URL. */
    String trustStore(Path... signed) throws Exception {
        return trustStore("sqlite://" + file("trust.db"), signed);
    }

    /** The same at a URL. */
    String trustStore(String url, Path... signed) throws Exception {
        try (TestStore store = TestStore.create(url, packages).trust()) {
            for (Path file : signed) {
                store.sign(file);
            }
        }
        return url;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path one, BasicFileAttributes attributes) {
                // A test may have made it read-only.
                one.toFile().setWritable(true);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path one, BasicFileAttributes attributes) throws IOException {
                Files.delete(one);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path one, IOException e) throws IOException {
                Files.delete(one);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
