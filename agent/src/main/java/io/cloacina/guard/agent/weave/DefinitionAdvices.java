// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Bridge;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.security.ProtectionDomain;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.NullUnmarked;

/** What is put into the entry points where classes are defined or redefined; as {@link Advices}. */
@NullUnmarked // Bridge says what may be null: annotations here would change the sums that prepared classes go by
final class DefinitionAdvices {

    private DefinitionAdvices() {}

    static final class DefineResource {
        private DefineResource() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.This ClassLoader loader, @Advice.Argument(1) Object resource) {
            Bridge.resourceDefining(loader, resource);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit() {
            Bridge.resourceDefined();
        }
    }

    static final class DefineArray {
        private DefineArray() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.This ClassLoader loader,
                @Advice.Argument(0) String name,
                @Advice.Argument(value = 1, readOnly = false) byte[] bytes,
                @Advice.Argument(value = 2, readOnly = false) int offset,
                @Advice.Argument(3) int length,
                @Advice.Argument(4) ProtectionDomain domain) {
            byte[] checked = Bridge.classDefining(loader, name, bytes, offset, length, domain);
            if (checked != null) {
                bytes = checked;
                offset = 0;
            }
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.This ClassLoader loader) {
            Bridge.classDefined(loader);
        }
    }

    static final class DefineBuffer {
        private DefineBuffer() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.This ClassLoader loader,
                @Advice.Argument(0) String name,
                @Advice.Argument(value = 1, readOnly = false) ByteBuffer bytes,
                @Advice.Argument(2) ProtectionDomain domain) {
            ByteBuffer checked = Bridge.classDefining(loader, name, bytes, domain);
            if (checked != null) {
                bytes = checked;
            }
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.This ClassLoader loader) {
            Bridge.classDefined(loader);
        }
    }

    static final class LookupDefine {
        private LookupDefine() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.This MethodHandles.Lookup lookup, @Advice.Argument(value = 0, readOnly = false) byte[] bytes) {
            // The JDK copies them only after this; a copy of our own is what is judged and defined.
            bytes = bytes.clone();
            Bridge.lookupDefining(lookup, bytes);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit() {
            Bridge.generatedDefined();
        }
    }

    static final class HiddenDefine {
        private HiddenDefine() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.This MethodHandles.Lookup lookup, @Advice.Argument(value = 0, readOnly = false) byte[] bytes) {
            // The JDK copies them only after this; a copy of our own is what is judged and defined.
            bytes = bytes.clone();
            Bridge.hiddenDefining(lookup, bytes);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit() {
            Bridge.generatedDefined();
        }
    }

    static final class HiddenDataDefine {
        private HiddenDataDefine() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.This MethodHandles.Lookup lookup, @Advice.Argument(value = 0, readOnly = false) byte[] bytes) {
            // The JDK copies them only after this; a copy of our own is what is judged and defined.
            bytes = bytes.clone();
            Bridge.hiddenWithDataDefining(lookup, bytes);
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit() {
            Bridge.generatedDefined();
        }
    }

    static final class UnsafeDefine {
        private UnsafeDefine() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(value = 1, readOnly = false) byte[] bytes,
                @Advice.Argument(value = 2, readOnly = false) int offset,
                @Advice.Argument(3) int length,
                @Advice.Argument(4) ClassLoader loader,
                @Advice.Argument(5) ProtectionDomain domain) {
            byte[] checked = Bridge.unsafeDefining(loader, bytes, offset, length, domain);
            if (checked != null) {
                bytes = checked;
                offset = 0;
            }
        }

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit() {
            Bridge.generatedDefined();
        }
    }

    static final class TransletsGenerated {
        private TransletsGenerated() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return byte[][] classes) {
            Bridge.transletsGenerated(classes);
        }
    }

    static final class Retransform {
        private Retransform() {}

        @Advice.OnMethodEnter
        static void enter() {
            Bridge.retransforming();
        }
    }

    static final class Redefine {
        private Redefine() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(value = 0, readOnly = false, typing = Assigner.Typing.DYNAMIC) Object[] definitions) {
            definitions = Bridge.redefining(definitions);
        }
    }
}
