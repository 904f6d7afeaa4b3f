// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

class ClassFileTest {

    private static byte[] named(String internalName) {
        ClassWriter writer = new ClassWriter(0);
        writer.newConst(1L);
        writer.newConst(1.0);
        writer.newConst("text");
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, internalName, null, "java/lang/Object", null);
        writer.visitEnd();
        return writer.toByteArray();
    }

    @Test
    void nameOf_anyClass_isItsOwnWithDots() throws Exception {
        assertEquals("a.b.C$D", ClassFile.nameOf(named("a/b/C$D")));
        assertEquals("Übung", ClassFile.nameOf(named("Übung")));
        for (Class<?> type : new Class<?>[] {Object.class, Map.Entry.class, ConcurrentHashMap.class, ClassFile.class}) {
            try (InputStream in = type.getResourceAsStream(
                    type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class")) {
                assertEquals(type.getName(), ClassFile.nameOf(in.readAllBytes()));
            }
        }
    }

    @Test
    void nameOf_classThatIsCutAnywhereBeforeItsName_isRefused() {
        byte[] whole = named("a/B");
        int needed = 0;
        while (!isReadable(Arrays.copyOf(whole, needed))) {
            needed++;
        }
        // Behind the constants come access flags and the number of the class itself.
        assertEquals(whole.length - 2 - 2 - 2 - 2 - 2, needed);
    }

    private static boolean isReadable(byte[] bytes) {
        try {
            return ClassFile.nameOf(bytes).equals("a.B");
        } catch (SecurityException e) {
            return false;
        }
    }

    @Test
    void nameOf_classWhoseOwnNumberNamesNoClass_isRefused() {
        byte[] whole = named("a/B");
        int thisClass = whole.length - 12;
        for (int number : new int[] {0, 1, 0xffff}) {
            byte[] bent = whole.clone();
            bent[thisClass] = (byte) (number >> 8);
            bent[thisClass + 1] = (byte) number;
            assertThrows(SecurityException.class, () -> ClassFile.nameOf(bent), "number " + number);
        }
    }
}
