// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HeldArchivesTest {

    private static final String URL = "vfs:/content/a.war";

    private static OpenedArchive.Copy copy(String path, String state) {
        return new OpenedArchive.Copy(path, state, Path.of(state), null, null);
    }

    @Test
    void woven_firstClassOfEachArchive_isTold() {
        HeldArchives held = new HeldArchives();
        OpenedArchive.Copy archive = copy("/a.war", "1");
        held.keep(archive);

        assertTrue(held.isFirstWoven(archive));
        assertFalse(held.isFirstWoven(archive));
    }

    @Test
    void woven_archiveThatIsReplacedManyTimes_isNotedOnce() {
        HeldArchives held = new HeldArchives();
        for (int i = 0; i < 100; i++) {
            OpenedArchive.Copy archive = copy("/a.war", "state " + i);
            held.keep(archive);
            assertTrue(held.isFirstWoven(archive));
        }
        assertEquals(1, held.woven());
    }

    @Test
    void keep_anotherArchiveOfThePath_givesUpTheOneBefore() {
        HeldArchives held = new HeldArchives();
        OpenedArchive.Copy first = copy("/a.war", "1");
        assertNull(held.keep(first));
        held.found(URL, first);
        assertSame(first, held.of(URL));

        assertSame(first, held.keep(copy("/a.war", "2")));
        assertNull(held.of(URL));
    }
}
