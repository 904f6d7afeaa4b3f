// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KekSourceTest {

    private static final String HEX = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    @Test
    void environment_setBlankOrMissing_isReadOrEmpty() throws Exception {
        Kek kek = KekSource.fromEnvironment(Map.of(KekSource.VARIABLE, HEX), KekSource.VARIABLE)
                .orElseThrow();
        assertTrue(kek.isSameAs(Kek.ofText(HEX)));
        assertTrue(KekSource.fromEnvironment(Map.of(), KekSource.VARIABLE).isEmpty());
        assertTrue(KekSource.fromEnvironment(Map.of(KekSource.VARIABLE, " "), KekSource.VARIABLE)
                .isEmpty());
    }

    @Test
    void environment_malformed_isAskedWronglyWithoutShowingIt() {
        KeyException e = assertThrows(
                KeyException.class,
                () -> KekSource.fromEnvironment(Map.of(KekSource.VARIABLE, "hunter2"), KekSource.VARIABLE));
        assertEquals(Reason.MALFORMED_KEK, e.reason());
        assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
    }

    @Test
    void file_goodMalformedOrMissing_isToldApart() throws Exception {
        Path file = Files.writeString(folder.resolve("kek"), HEX + "\n");
        assertTrue(KekSource.fromFile(file).isSameAs(Kek.ofText(HEX)));
        Files.writeString(file, "x".repeat(10_000));
        assertEquals(
                Reason.MALFORMED_KEK,
                assertThrows(KeyException.class, () -> KekSource.fromFile(file)).reason());
        assertThrows(NoSuchFileException.class, () -> KekSource.fromFile(folder.resolve("none")));
    }

    @Test
    void file_readableByOthers_isNoticed() throws Exception {
        Path file = Files.writeString(folder.resolve("kek"), HEX);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertFalse(KekSource.isReadableByOthers(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(KekSource.isReadableByOthers(file));
    }
}
