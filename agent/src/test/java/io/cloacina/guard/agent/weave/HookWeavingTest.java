// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.EachJdk;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

/** Byte Buddy is what the hooks are written for; without its classes a JVM starts several times as fast. */
class HookWeavingTest {

    /** More homes of JDKs, with the separator of paths between them. */
    private static final String MORE = System.getProperty("more.jdks", "");

    private static String classPath() throws Exception {
        StringBuilder path = new StringBuilder();
        for (Class<?> one : List.of(
                HookComparison.class,
                HookWeaving.class,
                io.cloacina.guard.audit.AuditEvent.class,
                net.bytebuddy.ByteBuddy.class)) {
            path.append(Path.of(one.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))
                    .append(File.pathSeparator);
        }
        return path.toString();
    }

    private static void assertSame(Path home) throws Exception {
        Process process = new ProcessBuilder(
                        home.resolve("bin/java").toString(), "-cp", classPath(), HookComparison.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        List<String> lines = said.lines().toList();
        assertTrue(lines.size() > 15, () -> "nothing was compared: " + said);
        assertTrue(lines.stream().allMatch(line -> line.endsWith(" same")), () -> home + ": " + said);
    }

    @EachJdk
    void everyClassWithAHook_isMadeAsByteBuddyMakesIt(Jdk jdk) throws Exception {
        assertSame(jdk.home());
        for (String home : MORE.split(File.pathSeparator)) {
            if (!home.isEmpty()) {
                assertSame(Path.of(home));
            }
        }
    }

    private static final String ZIP_SOURCE = "java.util.zip.ZipFile$Source";

    /** A class with a method like the one that opens archives, whose body is {@code body}. */
    private static byte[] zipSource(Consumer<MethodVisitor> body) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        String name = ZIP_SOURCE.replace('.', '/');
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, name, null, "java/lang/Object", null);
        MethodVisitor method = writer.visitMethod(
                Opcodes.ACC_STATIC, "get", EntryPoint.ZIP.descriptor(), null, new String[] {"java/io/IOException"});
        method.visitCode();
        body.accept(method);
        method.visitMaxs(0, 0);
        method.visitEnd();
        writer.visitEnd();
        return writer.toByteArray();
    }

    /** Switches of all paddings, wide variables, an increment, a handler, and an object without its constructor in a frame. */
    private static void oddBody(MethodVisitor method, int padding) {
        Label begin = new Label();
        Label end = new Label();
        Label handler = new Label();
        Label[] cases = {new Label(), new Label(), new Label()};
        method.visitTryCatchBlock(begin, end, handler, "java/lang/RuntimeException");
        for (int i = 0; i < padding; i++) {
            method.visitInsn(Opcodes.NOP);
        }
        method.visitLabel(begin);
        method.visitInsn(Opcodes.LCONST_1);
        method.visitVarInsn(Opcodes.LSTORE, 3);
        method.visitInsn(Opcodes.ICONST_2);
        method.visitVarInsn(Opcodes.ISTORE, 250);
        method.visitIincInsn(250, 7);
        method.visitVarInsn(Opcodes.ILOAD, 1);
        method.visitTableSwitchInsn(0, 1, cases[2], cases[0], cases[1]);
        method.visitLabel(cases[0]);
        method.visitVarInsn(Opcodes.ILOAD, 250);
        method.visitLookupSwitchInsn(cases[2], new int[] {3, 9}, new Label[] {cases[1], cases[2]});
        method.visitLabel(cases[1]);
        Label known = new Label();
        Label both = new Label();
        method.visitTypeInsn(Opcodes.NEW, "java/lang/IllegalStateException");
        method.visitInsn(Opcodes.DUP);
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitJumpInsn(Opcodes.IFNULL, known);
        method.visitLdcInsn("odd");
        method.visitJumpInsn(Opcodes.GOTO, both);
        method.visitLabel(known);
        method.visitLdcInsn("none");
        method.visitLabel(both);
        method.visitMethodInsn(
                Opcodes.INVOKESPECIAL, "java/lang/IllegalStateException", "<init>", "(Ljava/lang/String;)V", false);
        method.visitInsn(Opcodes.ATHROW);
        method.visitLabel(end);
        method.visitLabel(cases[2]);
        method.visitInsn(Opcodes.ACONST_NULL);
        method.visitInsn(Opcodes.ARETURN);
        method.visitLabel(handler);
        method.visitVarInsn(Opcodes.ASTORE, 5);
        method.visitInsn(Opcodes.ACONST_NULL);
        method.visitInsn(Opcodes.ARETURN);
    }

    @Test
    void oddBodies_areMovedAsByteBuddyMovesThem() {
        HookWeaving weaving = new HookWeaving(HookTemplateMaker.all());
        for (int padding = 0; padding < 5; padding++) {
            int nops = padding;

            String result = HookComparison.compare(
                    weaving, ZIP_SOURCE, List.of(EntryPoint.ZIP), zipSource(method -> oddBody(method, nops)));

            assertEquals("same", result, "with " + nops);
        }
    }

    /** These are Byte Buddy's: a variable whose number takes two bytes, and a branch over more than 32 kB. */
    @Test
    void bodies_thatTheTemplatesAreNotMadeFor_areLeftToByteBuddy() {
        HookWeaving weaving = new HookWeaving(HookTemplateMaker.all());
        List<EntryPoint> rows = List.of(EntryPoint.ZIP);

        assertNull(weaving.weave(rows, zipSource(method -> {
            method.visitInsn(Opcodes.ICONST_0);
            method.visitVarInsn(Opcodes.ISTORE, 255);
            method.visitInsn(Opcodes.ACONST_NULL);
            method.visitInsn(Opcodes.ARETURN);
        })));
        assertNull(weaving.weave(rows, zipSource(method -> {
            for (int i = 0; i < 33_000; i++) {
                method.visitInsn(Opcodes.NOP);
            }
            method.visitInsn(Opcodes.ACONST_NULL);
            method.visitInsn(Opcodes.ARETURN);
        })));
    }

    /** The code before or behind a body would read a field that is not there. */
    @Test
    void class_whoseFieldIsAnother_isLeftToByteBuddy() {
        ClassWriter writer = new ClassWriter(0);
        String name = EntryPoint.DIRECTORY.className().replace('.', '/');
        writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, name, null, "java/lang/Object", null);
        writer.visitField(Opcodes.ACC_PRIVATE, "dir", "Ljava/nio/file/Path;", null, null)
                .visitEnd();
        MethodVisitor method = writer.visitMethod(0, "<init>", EntryPoint.DIRECTORY.descriptor(), null, null);
        method.visitCode();
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        method.visitInsn(Opcodes.RETURN);
        method.visitMaxs(1, 2);
        method.visitEnd();
        writer.visitEnd();

        assertNull(new HookWeaving(HookTemplateMaker.all()).weave(List.of(EntryPoint.DIRECTORY), writer.toByteArray()));
    }

    @Test
    void row_withoutATemplate_isLeftToByteBuddy() {
        byte[] none = {0, 0};

        assertNull(new HookWeaving(none).weave(List.of(EntryPoint.ZIP), zipSource(method -> oddBody(method, 0))));
    }
}
