// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.module.ModuleDescriptor.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageVersionTest {

    private static int compare(String one, String other) {
        return Integer.signum(PackageVersion.compare(one, other));
    }

    @ParameterizedTest
    @CsvSource({"1.9,1.10,-1", "1.0-SNAPSHOT,1.0,-1", "1.0,1.0,0", "1.0,1.0.0,0", "2,1.99,1", "1.0+b1,1.0+b2,-1"})
    void compare_shortNumbers_isTheOrderOfTheModuleSystem(String one, String other, int order) {
        assertEquals(Integer.signum(Version.parse(one).compareTo(Version.parse(other))), compare(one, other));
        assertEquals(order, compare(one, other));
        assertEquals(-order, compare(other, one));
    }

    /** The module system counts in 32 bits: to it, 4294967297.0 is 1.0, and a floor would be passed from below. */
    @ParameterizedTest
    @CsvSource({
        "1.0,4294967297.0,-1",
        "20260128120000,20270101000000,-1",
        "1.20260128120000,1.20260128120000,0",
        "1.0.20260128120000,1.0,1",
        "1.0.00000000000000,1.0,0",
        "1.9-20260128120000,1.9,-1",
        "2,1.99999999999999999999,1"
    })
    void compare_longNumbers_isTheOrderOfTheNumbers(String one, String other, int order) {
        assertEquals(order, compare(one, other));
        assertEquals(-order, compare(other, one));
    }

    @Test
    void require_noVersion_saysWhatIsRight() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> PackageVersion.require("latest"));
        assertEquals("is no version; one that begins with a digit, such as 1.2.3, is right", e.getMessage());
    }
}
