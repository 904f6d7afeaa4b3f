// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Bridge;
import java.util.List;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Puts a call of the bridge in front of a {@link LibraryCall}. It neither branches nor makes the stack deeper, so frames
 * and sizes of the method stay as they are.
 */
final class LibraryCallWeaving implements AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {

    private static final String BRIDGE = Bridge.class.getName().replace('.', '/');

    private final EntryPoint entry;
    private final LibraryCall call;
    private final List<EntryPoint> matched;

    /**
     * @param call of {@code entry}
     * @param matched where {@code entry} is put when its call is found
     */
    LibraryCallWeaving(EntryPoint entry, LibraryCall call, List<EntryPoint> matched) {
        this.entry = entry;
        this.call = call;
        this.matched = matched;
    }

    @Override
    public MethodVisitor wrap(
            TypeDescription type,
            MethodDescription method,
            MethodVisitor visitor,
            Implementation.Context context,
            TypePool pool,
            int writerFlags,
            int readerFlags) {
        return new MethodVisitor(OpenedClassReader.ASM_API, visitor) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                if (call.isMadeBy(owner, name, descriptor)) {
                    matched.add(entry);
                    swap();
                    super.visitMethodInsn(
                            Opcodes.INVOKESTATIC, BRIDGE, call.bridgeMethod(), LibraryCall.BRIDGE_DESCRIPTOR, false);
                    swap();
                }
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }

            private void swap() {
                if (call.hasSecondArgument()) {
                    super.visitInsn(Opcodes.SWAP);
                }
            }
        };
    }
}
