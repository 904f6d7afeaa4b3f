// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.format.ClassEditor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/** What stands where in the one method of a class, in the build: for {@link HookTemplateMaker}, which cuts it up. */
final class NotedMethod {

    /** The constant that the body begins with. */
    static final String MARK = "the body begins";

    final List<Object[]> constants = new ArrayList<>();
    final List<Label[]> handlers = new ArrayList<>();
    final List<@Nullable String> handlerTypes = new ArrayList<>();
    final List<Object[]> frames = new ArrayList<>();
    final List<Label[]> branches = new ArrayList<>();
    final List<Object[]> lines = new ArrayList<>();
    final List<int[]> variables = new ArrayList<>();
    final List<Label> variablePlaces = new ArrayList<>();

    @Nullable
    Label begin;

    int maxStack;
    int maxLocals;

    /** @return notes all that passes to {@code writer}, which then knows the places */
    ClassVisitor in(ClassVisitor writer) {
        return new OfClass(writer);
    }

    private final class OfClass extends ClassVisitor {
        OfClass(ClassVisitor writer) {
            super(OpenedClassReader.ASM_API, writer);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String desc, String signature, String[] thrown) {
            return new OfMethod(super.visitMethod(access, name, desc, signature, thrown));
        }
    }

    private final class OfMethod extends MethodVisitor {
        OfMethod(MethodVisitor writer) {
            super(OpenedClassReader.ASM_API, writer);
        }

        private Label here() {
            Label here = new Label();
            super.visitLabel(here);
            return here;
        }

        @Override
        public void visitFrame(int type, int locals, Object[] local, int stacked, Object[] stack) {
            frames.add(new Object[] {here(), Arrays.copyOf(local, locals), Arrays.copyOf(stack, stacked)});
            super.visitFrame(type, locals, local, stacked, stack);
        }

        @Override
        public void visitLdcInsn(Object value) {
            if (!value.equals(MARK)) {
                throw new IllegalArgumentException("a constant [" + value + "] in an advice");
            }
            begin = here();
            super.visitLdcInsn(value);
        }

        @Override
        public void visitVarInsn(int opcode, int variable) {
            variablePlaces.add(here());
            variables.add(new int[] {variable, opcode});
            super.visitVarInsn(opcode, variable);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            constants.add(new Object[] {here(), new String[] {String.valueOf(ClassEditor.CLASS), type}});
            super.visitTypeInsn(opcode, type);
        }

        @Override
        public void visitFieldInsn(int opcode, String of, String name, String type) {
            constants.add(new Object[] {here(), new String[] {String.valueOf(ClassEditor.FIELD), of, name, type}});
            super.visitFieldInsn(opcode, of, name, type);
        }

        @Override
        public void visitMethodInsn(int opcode, String of, String name, String type, boolean isInterface) {
            int tag = isInterface ? ClassEditor.INTERFACE_METHOD : ClassEditor.METHOD;
            if (opcode == Opcodes.INVOKEINTERFACE) {
                throw new IllegalArgumentException("an advice calls [" + of + "]");
            }
            constants.add(new Object[] {here(), new String[] {String.valueOf(tag), of, name, type}});
            super.visitMethodInsn(opcode, of, name, type, isInterface);
        }

        @Override
        public void visitJumpInsn(int opcode, Label to) {
            branches.add(new Label[] {here(), to});
            super.visitJumpInsn(opcode, to);
        }

        @Override
        public void visitTryCatchBlock(Label from, Label to, Label handler, @Nullable String type) {
            handlers.add(new Label[] {from, to, handler});
            handlerTypes.add(type);
            super.visitTryCatchBlock(from, to, handler, type);
        }

        @Override
        public void visitLineNumber(int line, Label start) {
            lines.add(new Object[] {start});
            super.visitLineNumber(line, start);
        }

        @Override
        public void visitMaxs(int stack, int locals) {
            maxStack = stack;
            maxLocals = locals;
            super.visitMaxs(stack, locals);
        }
    }
}
