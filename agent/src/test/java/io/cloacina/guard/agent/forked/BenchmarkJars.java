// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.format.TinyClasses;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/** JARs for the benchmarks: many classes of ordinary size that differ in name and constants. */
final class BenchmarkJars {

    private static final String TEMPLATE = "C000000";
    private static final String CONSTANT = "constant-" + "0".repeat(1_000);

    private final Path folder;
    private final byte[] large;
    private final byte[] small;
    private final Random random = new Random(1);

    BenchmarkJars(Path folder) throws IOException {
        this.folder = folder;
        this.large = compile(folder.resolve("large"), 9);
        this.small = compile(folder.resolve("small"), 0);
    }

    /** A class that has work to do, and {@code methods} methods more. */
    private static byte[] compile(Path folder, int methods) throws IOException {
        StringBuilder source = new StringBuilder("public class " + TEMPLATE + " implements Runnable {\n"
                + " public static long sum;\n"
                + " public void run() { long a = 1; for (int i = 0; i < 200000000; i++) { a = a * 31 + i; } sum = a; }\n"
                + " public String text0() { return \"" + CONSTANT + "\"; }\n");
        for (int i = 1; i <= methods; i++) {
            source.append(" public String text" + i + "(int a, java.util.Map<String, Long> m) { StringBuilder b = new"
                    + " StringBuilder(); for (int i = " + i + "; i < a; i++) { b.append(i).append(\"word" + i
                    + "\").append(m.get(\"key" + i + "\")); if (b.length() > " + 7 * i + ") { m.put(b.toString(), "
                    + i + "L + a); } else { b.insert(0, text" + (i - 1) + (i == 1 ? "()" : "(a - 1, m)")
                    + "); } } return b.reverse().toString(); }\n");
        }
        source.append("}\n");
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve(TEMPLATE + ".java"), source);
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", "-g:none", file.toString())
                != 0) {
            throw new IllegalStateException("the template does not compile");
        }
        return Files.readAllBytes(folder.resolve(TEMPLATE + ".class"));
    }

    /** A JAR of {@code sizeBytes} or a little more. */
    Path ofSize(String name, long sizeBytes) throws IOException {
        return write(name, Integer.MAX_VALUE, sizeBytes);
    }

    Path ofClasses(String name, int classes) throws IOException {
        return write(name, classes, Long.MAX_VALUE);
    }

    /** JARs with one small class each, which has the name of the JAR. */
    Path folderOfJars(String name, int jars) throws IOException {
        Path plugins = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < jars; i++) {
            String className = "P%06d".formatted(i);
            try (ZipOutputStream zip =
                    new ZipOutputStream(Files.newOutputStream(plugins.resolve(className + ".jar")))) {
                add(zip, className, small);
            }
        }
        return plugins;
    }

    /** Archives with {@code classes} empty classes each, of names of their own. */
    Path folderOfArchives(String name, int archives, int classes) throws IOException {
        Path all = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < archives; i++) {
            try (OutputStream out = new BufferedOutputStream(
                            Files.newOutputStream(all.resolve("archive%04d.jar".formatted(i))));
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                zip.setLevel(Deflater.BEST_SPEED);
                for (int j = 0; j < classes; j++) {
                    String className = "a%04d/C%06d".formatted(i, j);
                    zip.putNextEntry(new ZipEntry(className + ".class"));
                    zip.write(TinyClasses.named(className));
                    zip.closeEntry();
                }
            }
        }
        return all;
    }

    private Path write(String name, int classes, long sizeBytes) throws IOException {
        Path jar = folder.resolve(name);
        // The names alone, for the host: reading the JAR itself would be the first load.
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                ZipOutputStream index = new ZipOutputStream(Files.newOutputStream(folder.resolve(name + ".index")))) {
            for (int i = 1; i <= classes && Files.size(jar) < sizeBytes * 0.98; i++) {
                String className = "C%06d".formatted(i);
                add(zip, className, large);
                index.putNextEntry(new ZipEntry(className + ".class"));
            }
        }
        return jar;
    }

    private void add(ZipOutputStream zip, String className, byte[] template) throws IOException {
        byte[] bytes = replace(template, TEMPLATE, className);
        StringBuilder constant = new StringBuilder("constant-");
        while (constant.length() < CONSTANT.length()) {
            constant.append((char) ('a' + random.nextInt(26)));
        }
        zip.putNextEntry(new ZipEntry(className + ".class"));
        zip.write(replace(bytes, CONSTANT, constant.toString()));
        zip.closeEntry();
    }

    // Of the same length, so the class file stays one.
    private static byte[] replace(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }
}
