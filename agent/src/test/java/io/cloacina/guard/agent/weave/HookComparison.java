// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * What the templates make of every class with a hook of the JDK that runs this, against what Byte Buddy makes of it. Prints a
 * line for each.
 */
public final class HookComparison {

    private HookComparison() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, List<EntryPoint>> rows = new LinkedHashMap<>();
        for (EntryPoint entry : EntryPoint.values()) {
            rows.computeIfAbsent(entry.className(), name -> new ArrayList<>()).add(entry);
        }
        HookWeaving weaving = new HookWeaving(HookTemplateMaker.all());
        for (Map.Entry<String, List<EntryPoint>> one : rows.entrySet()) {
            byte[] original = read(one.getKey());
            if (original != null) {
                System.out.println(one.getKey() + " " + compare(weaving, one.getKey(), one.getValue(), original));
            }
        }
    }

    private static String compare(HookWeaving weaving, String name, List<EntryPoint> rows, byte[] original) {
        WeavingResult expected = Weaving.weave(name, rows, original);
        WeavingResult actual = weaving.weave(rows, original);
        if (actual == null) {
            return "DECLINED";
        }
        if (actual.matched().size() != expected.matched().size()
                || !actual.matched().containsAll(expected.matched())) {
            return "MATCHED " + actual.matched() + ", NOT " + expected.matched();
        }
        byte[] one = inOneForm(expected.bytes());
        byte[] other = inOneForm(actual.bytes());
        return Arrays.equals(one, other) ? "same" : "DIFFERS at " + Arrays.mismatch(one, other);
    }

    private static byte[] read(String name) throws IOException {
        for (Module module : ModuleLayer.boot().modules()) {
            try (InputStream in = module.getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in != null) {
                    return in.readAllBytes();
                }
            }
        }
        return null;
    }

    /** With constants and stack maps written anew, and without the sizes of stack and variables, which the JVM checks. */
    private static byte[] inOneForm(byte[] bytes) {
        ClassWriter writer = new ClassWriter(0);
        OpenedClassReader.of(bytes)
                .accept(
                        new ClassVisitor(OpenedClassReader.ASM_API, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String descriptor, String signature, String[] thrown) {
                                return new MethodVisitor(
                                        OpenedClassReader.ASM_API,
                                        super.visitMethod(access, name, descriptor, signature, thrown)) {
                                    @Override
                                    public void visitMaxs(int stack, int locals) {
                                        super.visitMaxs(0, 0);
                                    }
                                };
                            }
                        },
                        ClassReader.EXPAND_FRAMES);
        return writer.toByteArray();
    }
}
