// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A native library: an error, or a limited number of names that all stand in the file. */
public final class ElfFuzz {

    private static final int LONGEST = 4096;

    private static Path file;

    private ElfFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        if (file == null) {
            file = Files.createTempFile("any", ".so");
            file.toFile().deleteOnExit();
        }
        Files.write(file, bytes);
        Elf elf;
        try {
            elf = Elf.read(file);
        } catch (IOException e) {
            return;
        }
        String content = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> names = new ArrayList<>(elf.needed());
        names.addAll(elf.runPath());
        for (String name : names) {
            assertTrue(name.length() <= LONGEST);
            if (name.chars().allMatch(c -> c < 0x80)) {
                assertTrue(content.contains(name), name);
            }
        }
        assertTrue(elf.needed().size() <= Elf.MAX_NAMES);
    }
}
