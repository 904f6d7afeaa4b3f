// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** A class file: of what the JVM takes for a class, the name is the JVM's, and the methods are those that ASM finds. */
public final class ClassFileFuzz {

    private ClassFileFuzz() {}

    /** Defines, and never initialises. */
    private static final class Definer extends ClassLoader {
        Definer() {
            super(null);
        }

        Class<?> define(byte[] bytes) {
            return defineClass(null, bytes, 0, bytes.length, null);
        }
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        byte[] before = bytes.clone();
        String name = name(bytes);
        boolean noMethods = ClassFile.hasNoMethods(bytes);
        byte[] sorted = sorted(bytes);
        assertArrayEquals(before, bytes);
        if (sorted != null) {
            assertEquals(bytes.length, sorted.length);
            assertArrayEquals(sorted, ClassFile.withSortedMethods(sorted));
            assertEquals(name, name(sorted));
        }
        Class<?> defined;
        try {
            defined = new Definer().define(bytes);
        } catch (LinkageError | SecurityException e) {
            return;
        }
        assertEquals(defined.getName(), name);
        assertEquals(methods(bytes) == 0, noMethods);
        new Definer().define(sorted);
    }

    private static String name(byte[] bytes) {
        try {
            return ClassFile.nameOf(bytes);
        } catch (SecurityException e) {
            return null;
        }
    }

    private static byte[] sorted(byte[] bytes) {
        try {
            return ClassFile.withSortedMethods(bytes);
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static int methods(byte[] bytes) {
        int[] count = new int[1];
        new ClassReader(bytes)
                .accept(
                        new ClassVisitor(Opcodes.ASM9) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String descriptor, String signature, String[] exceptions) {
                                count[0]++;
                                return null;
                            }
                        },
                        ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return count[0];
    }
}
