// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.cloacina.guard.agent.weave.EntryPoint;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

class SortedMethodsTest {

    /** A class whose methods {@code names} are written in that order. */
    private static byte[] classWith(List<String> names) {
        ClassWriter writer = new ClassWriter(0);
        // The constant pool is filled first, so that nothing but the order of methods differs.
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "Any", null, "java/lang/Object", null);
        for (String name : new TreeSet<>(names)) {
            writer.newUTF8(name);
        }
        writer.newUTF8("()V");
        writer.visitField(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL, "field", "J", null, 42L)
                .visitEnd();
        for (String name : names) {
            writer.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_ABSTRACT, name, "()V", null, null)
                    .visitEnd();
        }
        writer.visitEnd();
        return writer.toByteArray();
    }

    @Test
    void withSortedMethods_ofTheSameMethodsInAnyOrder_isTheSame() {
        byte[] one = classWith(List.of("a", "b", "c"));
        byte[] other = classWith(List.of("c", "a", "b"));

        assertEquals(false, Arrays.equals(one, other), "they differ to begin with");
        assertArrayEquals(ClassFile.withSortedMethods(one), ClassFile.withSortedMethods(other));
    }

    @Test
    void withSortedMethods_ofAnotherMethod_isAnother() {
        assertEquals(
                false,
                Arrays.equals(
                        ClassFile.withSortedMethods(classWith(List.of("a", "b"))),
                        ClassFile.withSortedMethods(classWith(List.of("a", "d")))));
    }

    @Test
    void withSortedMethods_ofEveryWovenClass_keepsAllMethods() throws Exception {
        for (EntryPoint entry : EntryPoint.values()) {
            if (!entry.isExpectedAtStart()) {
                continue;
            }
            String resource = "/" + entry.className().replace('.', '/') + ".class";
            try (InputStream in = Class.forName(entry.className(), false, null).getResourceAsStream(resource)) {
                assertNotNull(in, resource);
                byte[] bytes = in.readAllBytes();
                byte[] sorted = ClassFile.withSortedMethods(bytes);

                assertEquals(methods(bytes), methods(sorted), resource);
                assertArrayEquals(sorted, ClassFile.withSortedMethods(sorted), resource);
            }
        }
    }

    private static Set<String> methods(byte[] bytes) {
        Set<String> methods = new TreeSet<>();
        new ClassReader(bytes)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String descriptor, String signature, String[] exceptions) {
                                methods.add(access + " " + name + descriptor);
                                return null;
                            }
                        },
                        ClassReader.SKIP_CODE);
        return methods;
    }
}
