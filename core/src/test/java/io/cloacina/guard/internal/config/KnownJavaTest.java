// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class KnownJavaTest {

    @Test
    void unknown_ofAReleaseThatWasTested_isNothing() {
        for (int feature : new int[] {17, 21, KnownJava.NEWEST}) {
            assertNull(KnownJava.unknown(feature), () -> "Java " + feature);
        }
    }

    @Test
    void unknown_ofANewerRelease_isOneLine() {
        assertEquals(
                "Java 26 is newer than 25, the newest that was tested: code may enter where no hook is known",
                KnownJava.unknown(26));
    }
}
