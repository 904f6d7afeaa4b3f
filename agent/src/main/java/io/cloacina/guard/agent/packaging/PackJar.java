// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.bootstrap.GuardPack;
import io.cloacina.guard.agent.weave.HookTemplateMaker;
import io.cloacina.guard.agent.weave.PreparedClasses;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** The agent jar as a whole, to be changed: its few plain entries, and the files of its {@link GuardPack}. */
final class PackJar {

    /** The file of the pack that names all the others, one a line. */
    static final String FILES = "FILES";

    /** Where the build puts what goes into the pack. */
    private static final String UNPACKED = "guard/";

    /**
     * What begins so is of the guard itself, or a prepared class, and may be needed at every start: it is not deflated.
     */
    private static final List<String> AT_START = List.of(
            "io/cloacina/guard/",
            PreparedClasses.DIRECTORY,
            HookTemplateMaker.FILE,
            // Neither is the library that a first load most often waits for.
            "org/sqlite/native/Linux/x86_64/",
            "org/sqlite/native/Linux/aarch64/");

    /** What {@code GuardAgent} reads without the pack. */
    private static final String BOOT = "guard.boot";

    private static final List<String> BOOT_PACKAGES = List.of(
            "io/cloacina/guard/agent/sealing/", "io/cloacina/guard/agent/bootstrap/", "io/cloacina/guard/agent/api/");

    /** The file of the pack that says what is in the guard's module. */
    private static final String MODULE = "MODULE";

    private static final String SERVICES = "META-INF/services/";
    private static final String CLASS = ".class";
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private final long time;
    private final TreeMap<String, byte[]> plain = new TreeMap<>();
    private final TreeMap<String, byte[]> packed = new TreeMap<>();

    private PackJar(long time) {
        this.time = time;
    }

    /**
     * The build's last step: packs {@code arguments[0]}, with libraries that leave the application's settings alone, and
     * with the {@link PreparedBuilds prepared classes} of the tree.
     */
    @AllowedCall("the main method of a step of the build")
    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        PackJar made = read(jar);
        ShimLibraries.connect(made);
        String prepared = PreparedBuilds.pack(made);
        made.put(HookTemplateMaker.FILE, HookTemplateMaker.all());
        made.replace(jar);
        System.out.println("[" + jar + "]: " + prepared);
    }

    /**
     * @param jar as the build put it together, or packed already
     * @throws IOException if it cannot be read, or is neither
     */
    static PackJar read(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> entries = Collections.list(zip.entries());
            PackJar read = new PackJar(entries.get(0).getTime());
            for (ZipEntry entry : entries) {
                if (entry.isDirectory()) {
                    continue;
                }
                byte[] bytes;
                try (InputStream in = zip.getInputStream(entry)) {
                    bytes = in.readAllBytes();
                }
                if (entry.getName().equals(BOOT)) {
                    // Made anew from what is in the pack.
                    continue;
                }
                if (entry.getName().equals(GuardPack.ENTRY)) {
                    read.unpack(ByteBuffer.wrap(bytes));
                } else if (!entry.getName().startsWith(UNPACKED)) {
                    read.plain.put(entry.getName(), bytes);
                } else {
                    read.put(entry.getName().substring(UNPACKED.length()), bytes);
                }
            }
            return read;
        }
    }

    @SuppressWarnings("ByteBufferBackingArray") // it wraps the whole of one
    private void unpack(ByteBuffer pack) throws IOException {
        int count = pack.getInt(8);
        int begin = GuardPack.HEADER_SIZE + count * GuardPack.ROW_SIZE;
        Map<Long, byte[]> byHash = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int row = GuardPack.HEADER_SIZE + i * GuardPack.ROW_SIZE;
            int position = pack.getInt(row + 8);
            int stored = pack.getInt(row + 12);
            int size = pack.getInt(row + 16);
            byte[] bytes = Arrays.copyOfRange(pack.array(), begin + position, begin + position + stored);
            byHash.put(
                    pack.getLong(row), stored == size ? bytes : GuardPack.inflate(bytes, new byte[size], "row " + i));
        }
        String names = new String(byHash.get(GuardPack.hash(FILES)), StandardCharsets.UTF_8);
        for (String name : names.lines().toList()) {
            packed.put(name, byHash.get(GuardPack.hash(name)));
        }
    }

    /** The entry that {@code GuardAgent} reads by itself: the classes that are needed before the pack can be read. */
    private byte[] boot() throws IOException {
        TreeMap<String, byte[]> classes = new TreeMap<>();
        for (Map.Entry<String, byte[]> one : packed.entrySet()) {
            String name = one.getKey();
            for (String prefix : BOOT_PACKAGES) {
                if (name.startsWith(prefix) && name.endsWith(CLASS) && !name.endsWith("package-info.class")) {
                    classes.put(
                            name.substring(0, name.length() - CLASS.length()).replace('/', '.'), one.getValue());
                }
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(classes.size());
        for (Map.Entry<String, byte[]> one : classes.entrySet()) {
            out.writeUTF(one.getKey());
            out.writeInt(one.getValue().length);
            out.write(one.getValue());
        }
        return bytes.toByteArray();
    }

    /** What the guard's module has: see {@code GuardClassLoader.moduleLines}. */
    private byte[] module() {
        TreeSet<String> lines = new TreeSet<>();
        for (Map.Entry<String, byte[]> one : packed.entrySet()) {
            String name = one.getKey();
            if (name.endsWith(CLASS) && name.indexOf('/') > 0 && !isOfBoot(name)) {
                lines.add("package " + name.substring(0, name.lastIndexOf('/')).replace('/', '.'));
            } else if (name.startsWith(SERVICES)) {
                StringBuilder providers = new StringBuilder();
                for (String line : new String(one.getValue(), StandardCharsets.UTF_8).split("\\R", -1)) {
                    String provider = line.replaceAll("#.*", "").strip();
                    if (!provider.isEmpty() && packed.containsKey(provider.replace('.', '/') + CLASS)) {
                        providers.append(' ').append(provider);
                    }
                }
                if (!providers.isEmpty()) {
                    lines.add("service " + name.substring(SERVICES.length()) + providers);
                }
            }
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isOfBoot(String name) {
        for (String prefix : BOOT_PACKAGES) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** The names of the files in the pack. */
    Iterable<String> names() {
        return packed.keySet();
    }

    /** A file in the pack; null if there is none of this name. */
    byte @Nullable [] get(String name) {
        return packed.get(name);
    }

    /** Has a file in the pack, in place of the one of the same name. */
    void put(String name, byte[] bytes) {
        packed.put(name, bytes);
    }

    /** Has no file of this name in the pack. */
    void remove(String name) {
        packed.remove(name);
    }

    /** Writes the jar, in one step, so that there is a whole one at any time. */
    void replace(Path jar) throws IOException {
        byte[] boot = boot();
        packed.put(MODULE, module());
        byte[] pack = pack();
        Path making = jar.resolveSibling(jar.getFileName() + ".new");
        try (OutputStream file = Files.newOutputStream(making);
                ZipOutputStream out = new ZipOutputStream(file)) {
            // The manifest is where tools look for it, which is first, and the pack where GuardPack does.
            byte[] manifest = plain.get(MANIFEST);
            if (manifest != null) {
                store(out, MANIFEST, manifest);
            }
            store(out, BOOT, boot);
            store(out, GuardPack.ENTRY, pack);
            for (Map.Entry<String, byte[]> one : plain.entrySet()) {
                if (!one.getKey().equals(MANIFEST)) {
                    ZipEntry entry = new ZipEntry(one.getKey());
                    entry.setTime(time);
                    out.putNextEntry(entry);
                    out.write(one.getValue());
                }
            }
        }
        Files.move(making, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private void store(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(time);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
    }

    private byte[] pack() throws IOException {
        packed.put(FILES, (String.join("\n", packed.keySet()) + "\n").getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream files = new ByteArrayOutputStream();
        TreeMap<Long, int[]> rows = new TreeMap<>();
        Map<ByteBuffer, int[]> same = new HashMap<>();
        for (Map.Entry<String, byte[]> one : packed.entrySet()) {
            byte[] stored = stored(one.getKey(), one.getValue());
            int[] place = same.computeIfAbsent(ByteBuffer.wrap(stored), bytes -> {
                int[] here = {files.size(), stored.length};
                files.writeBytes(stored);
                return here;
            });
            addRow(rows, one.getKey(), place[0], place[1], one.getValue().length);
        }
        ByteArrayOutputStream pack = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(pack);
        out.writeLong(GuardPack.MAGIC);
        out.writeInt(rows.size());
        for (Map.Entry<Long, int[]> row : rows.entrySet()) {
            out.writeLong(row.getKey());
            for (int value : row.getValue()) {
                out.writeInt(value);
            }
        }
        files.writeTo(out);
        out.flush();
        return pack.toByteArray();
    }

    private static void addRow(Map<Long, int[]> rows, String name, int position, int stored, int size) {
        if (rows.put(GuardPack.hash(name), new int[] {position, stored, size}) != null) {
            throw new IllegalStateException("the hash of the name [" + name + "] is that of another one too");
        }
    }

    /** What stands in the pack for a file: never as long as it, unless it is the file. */
    private static byte[] stored(String name, byte[] bytes) throws IOException {
        for (String prefix : AT_START) {
            if (name.startsWith(prefix)) {
                return bytes;
            }
        }
        byte[] deflated = deflate(bytes);
        return deflated.length < bytes.length ? deflated : bytes;
    }

    private static byte[] deflate(byte[] bytes) throws IOException {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, deflater)) {
            out.write(bytes);
        } finally {
            deflater.end();
        }
        return deflated.toByteArray();
    }
}
