// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.util.LibraryLoaderUtil;

class SqliteLibraryTest {

    @TempDir
    Path folder;

    @Test
    void resource_onThisPlatform_isWhatTheDriverWouldTake() throws Exception {
        assertEquals(
                LibraryLoaderUtil.getNativeLibResourcePath().substring(1) + "/" + LibraryLoaderUtil.getNativeLibName(),
                SqliteLibrary.resource());
    }

    @Test
    void extract_intoADirectory_putsItThereOnce() throws Exception {
        Path library = SqliteLibrary.extract(folder);

        assertEquals(folder.toAbsolutePath(), library.getParent());
        assertTrue(Files.size(library) > 100_000);
        // Somebody else's file is not overwritten, and not taken either.
        assertThrows(FileAlreadyExistsException.class, () -> SqliteLibrary.extract(folder));
    }

    @Test
    void makeDirectory_eachTime_makesANewOneForTheOwnerAlone() throws Exception {
        Path first = SqliteLibrary.makeDirectory(folder);
        Path second = SqliteLibrary.makeDirectory(folder);

        assertNotEquals(first, second);
        for (Path made : new Path[] {first, second}) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        }
        assertThrows(IOException.class, () -> SqliteLibrary.makeDirectory(folder.resolve("absent")));
    }
}
