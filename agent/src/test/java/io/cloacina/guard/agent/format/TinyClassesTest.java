// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.lang.module.ModuleDescriptor;
import org.junit.jupiter.api.Test;

class TinyClassesTest {

    @Test
    void named_isAClassTheJvmAccepts() throws Exception {
        byte[] bytes = TinyClasses.named("some.Thing");

        Class<?> defined = new ClassLoader(null) {
            Class<?> define() {
                return defineClass(null, bytes, 0, bytes.length);
            }
        }.define();

        assertEquals("some.Thing", defined.getName());
    }

    @Test
    void moduleInfo_isOneTheJdkReads() throws Exception {
        ModuleDescriptor descriptor =
                ModuleDescriptor.read(new ByteArrayInputStream(TinyClasses.moduleInfo("some.module")));

        assertEquals("some.module", descriptor.name());
        assertEquals(1, descriptor.requires().size());
    }
}
