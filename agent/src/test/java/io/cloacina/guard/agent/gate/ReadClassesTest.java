// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/** {@code Unsafe} defines classes of an origin to the boot loader, which is null. */
class ReadClassesTest {

    @Test
    void isJdkModuleLoader_bootLoader_isNone() {
        assertFalse(ReadClasses.isJdkModuleLoader(null));
    }

    @Test
    void isDefiner_bootLoader_definesNothingByCodeOfItsOwn() {
        assertFalse(Callers.isDefiner((ClassLoader) null));
    }

    @Test
    void isLoading_bootLoader_isNotAskedByMethods() {
        assertFalse(Callers.isLoading(null));
    }
}
