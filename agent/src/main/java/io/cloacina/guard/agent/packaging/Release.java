// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.crypto.PackageHash;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts together what is published, in one directory: a step of the build, in the profile {@code release}. */
final class Release {

    /** The name of a file with the private key (PKCS#8, PEM) that signs; without it nothing is signed. */
    private static final String KEY = "release.key";

    private static final String SUMS = "SHA256SUMS";
    private static final String COMMAND_LINE = "cloacina.jar";

    private Release() {}

    /** {@code DIRECTORY FILE…}: the files are copied under their own names; what is there already is deleted. */
    @AllowedCall("the main method of a step of the build")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<Path> files = new ArrayList<>();
        for (String file : List.of(arguments).subList(1, arguments.length)) {
            files.add(Path.of(file));
        }
        String key = System.getProperty(KEY, "");
        Path directory = Path.of(arguments[0]);
        make(directory, files, key.isEmpty() ? null : Path.of(key));
        System.out.println("[" + directory + "]: " + files.size() + " files"
                + (key.isEmpty() ? ", not signed: there is no -D" + KEY + "=FILE.pem" : ", signed"));
    }

    /**
     * @param key null: nothing is signed
     * @throws IOException if one of the files is not there, or cannot be signed with the key; the directory is empty then
     */
    static void make(Path directory, List<Path> files, @Nullable Path key) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        clear(directory);
        boolean done = false;
        try {
            for (Path file : files) {
                Path copy = directory.resolve(file.getFileName());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
            Files.write(directory.resolve(SUMS), sums(directory));
            if (key != null) {
                sign(directory, key);
            }
            done = true;
        } finally {
            if (!done) {
                clear(directory);
            }
        }
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** As coreutils' sha256sum prints and checks them. */
    private static byte[] sums(Path directory) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (Path file : files(directory)) {
            sums.append(PackageHash.ofContent(Files.readAllBytes(file)).hex())
                    .append("  ")
                    .append(file.getFileName())
                    .append('\n');
        }
        return sums.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** With the command line that is published. The key is named by its file, and not read here. */
    private static void sign(Path directory, Path key) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-jar",
                directory.resolve(COMMAND_LINE).toString(),
                "sign",
                "--private-key",
                key.toAbsolutePath().toString(),
                "--audit",
                "stderr"));
        for (Path file : files(directory)) {
            command.add(file.toString());
        }
        Process signing = new ProcessBuilder(command).redirectErrorStream(true).start();
        signing.getOutputStream().close();
        String said = new String(signing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (signing.waitFor() != 0) {
            throw new IOException("the release cannot be signed with [" + key + "]: " + said.strip());
        }
    }

    private static Iterable<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new TreeSet<>(files.toList());
        }
    }
}
