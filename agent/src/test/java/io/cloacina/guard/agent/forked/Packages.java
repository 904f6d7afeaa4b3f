// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes packages to load, and signs them. */
public final class Packages {

    /** What a plugin's class is called; its static initialiser leaves a marker file. */
    static final String PLUGIN = "sample.Plugin";

    private final Path directory;
    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());

    Packages(Path directory) {
        this.directory = directory;
    }

    /** The signing key's public part, as a PEM file. */
    Path publicKeyFile() throws IOException {
        return Files.writeString(directory.resolve("trusted.pem"), Pem.write(key.publicKey()));
    }

    Ed25519PrivateKey key() {
        return key;
    }

    /**
     * A directory of classes: {@value #PLUGIN}, which writes {@code text} to {@code marker} when it is initialised, and
     * {@code sample.Late}, which does the same with the suffix {@code .late}; beside them the resource
     * {@code text.txt}.
     */
    Path classes(String name, Path marker, String text) throws IOException {
        Path target = Files.createDirectories(directory.resolve(name));
        compile(target, PLUGIN, source("Plugin", marker, text));
        compile(target, "sample.Late", source("Late", Path.of(marker + ".late"), text));
        Files.writeString(target.resolve("text.txt"), text);
        return target;
    }

    private static String source(String name, Path marker, String text) {
        return """
                package sample;
                public class %s implements Runnable {
                    static {
                        try {
                            java.nio.file.Files.writeString(java.nio.file.Path.of("%s"), "%s");
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                    @Override public void run() {}
                }
                """.formatted(name, marker, text);
    }

    /** The same as a JAR. */
    Path jar(String name, Path marker, String text) throws IOException {
        return zip(classes(name + "-classes", marker, text), directory.resolve(name));
    }

    public static Path zip(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                zip.write(Files.readAllBytes(file));
            }
        }
        return jar;
    }

    public static void compile(Path target, String className, String source, Path... classPath) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        boolean done = compiler.getTask(
                        messages,
                        null,
                        null,
                        List.of(
                                "--release",
                                "17",
                                "-d",
                                target.toString(),
                                "-cp",
                                Arrays.stream(classPath)
                                        .map(Path::toString)
                                        .collect(Collectors.joining(File.pathSeparator))),
                        null,
                        List.of(
                                new SimpleJavaFileObject(
                                        URI.create("string:///" + className.replace('.', '/') + ".java"),
                                        javax.tools.JavaFileObject.Kind.SOURCE) {
                                    @Override
                                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                                        return source;
                                    }
                                }))
                .call();
        assertTrue(done, messages::toString);
    }

    /**
     * The JAR of an agent whose class is on the class path too: the JVM needs only its manifest, which lets it retransform.
     */
    Path agent(Class<?> premain) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Premain-Class", premain.getName());
        main.putValue("Can-Retransform-Classes", "true");
        Path jar = directory.resolve(premain.getSimpleName() + ".jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    /** Whether there is a C compiler on the path. */
    static boolean hasCompiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "cc")));
    }

    /** A native library that makes the file {@code marker} when it is loaded. */
    Path nativeLibrary(String name, Path marker) throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve(name + ".c"), """
                #include <stdio.h>
                __attribute__((constructor)) static void loaded(void) {
                    FILE *marker = fopen("%s", "w");
                    if (marker) fclose(marker);
                }
                """.formatted(marker));
        Path library = directory.resolve(name);
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        assertTrue(compiler.waitFor() == 0, () -> "the compiler refused " + source);
        return library;
    }

    /** Signs with this object's key and leaves the detached signature beside the package. */
    Path sign(Path file) throws IOException {
        return sign(file, key);
    }

    static Path sign(Path file, Ed25519PrivateKey key) throws IOException {
        try {
            var hash = Files.isDirectory(file) ? TreeSnapshot.hash(file) : PackageSnapshot.hash(file);
            DetachedSignature signature = new DetachedSignature(
                    hash, key.publicKey().fingerprint(), key.sign(hash.bytes()), Instant.parse("2026-01-28T12:00:00Z"));
            Files.write(DetachedSignature.pathFor(file), signature.encode());
            return file;
        } catch (UnreadablePackageException e) {
            throw new IOException(e);
        }
    }

    /** A real library that the build has put there. */
    public static Path library(String name) {
        Path jar = GuardedJvm.module().resolve("target/libraries").resolve(name + ".jar");
        assertTrue(Files.isRegularFile(jar), () -> jar + " is put there by the build");
        return jar;
    }

    /** Changes one bit of a file, where it does the least harm to its form. */
    static void flipOneBit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }
}
