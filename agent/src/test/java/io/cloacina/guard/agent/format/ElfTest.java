// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfTest {

    private static final Path SAVED = Path.of("src/test/resources/fuzz", ElfFuzz.class.getName());

    @TempDir
    Path directory;

    @Test
    void read_bothWidthsAndByteOrders_hasNamesAndPaths() throws Exception {
        for (String name : List.of("wide", "narrow", "narrow-big-endian")) {
            Elf elf = Elf.read(SAVED.resolve(name));
            assertEquals(List.of("libm.so.6"), elf.needed(), name);
            assertEquals(List.of("$ORIGIN", "/x"), elf.runPath(), name);
        }
        assertEquals(
                List.of("a.so", "b.so"), Elf.read(SAVED.resolve("big-endian")).needed());
        assertEquals(List.of(), Elf.read(SAVED.resolve("no-elf")).needed());
    }

    @Test
    void read_broken_isAnErrorOfTheFile() {
        for (String name : List.of("wide-header-cut-off", "header-of-no-size", "many-overlapping-names")) {
            assertThrows(IOException.class, () -> Elf.read(SAVED.resolve(name)), name);
        }
    }

    @Test
    void read_noStringTable_isAnError() throws Exception {
        byte[] bytes = Files.readAllBytes(SAVED.resolve("wide"));
        int tag = bytes.length - 32;
        assertEquals(5, bytes[tag], "where it is");
        bytes[tag] = 6;
        Path file = Files.write(directory.resolve("any.so"), bytes);

        assertThrows(IOException.class, () -> Elf.read(file));
    }
}
