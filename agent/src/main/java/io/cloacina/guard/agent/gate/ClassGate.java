// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.jdk.Carrier;
import io.cloacina.guard.internal.decision.Load;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/** The part of the gate for classes that are defined or changed. */
abstract class ClassGate implements Gate {

    private final Decisions decisions;
    private final ProbeLoads probes;
    private final ClassDefinitionHooks definitions;

    ClassGate(Decisions decisions, ProbeLoads probes, ClassDefinitionHooks definitions) {
        this.decisions = decisions;
        this.probes = probes;
        this.definitions = definitions;
    }

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        Carrier.keep();
        try {
            definitions.resourceDefining(loader, resource);
        } catch (Throwable e) {
            decisions.failed(Hook.DEFINE_RESOURCE, Load.Kind.CLASS, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void resourceRead(byte[] bytes) {
        Carrier.keep();
        try {
            definitions.resourceRead(bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.RESOURCE_BYTES, Load.Kind.CLASS, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void resourceDefined() {
        definitions.resourceDefined();
    }

    @Override
    public byte @Nullable [] classDefining(
            ClassLoader loader,
            @Nullable String name,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        Carrier.keep();
        try {
            byte[] checked = definitions.classDefining(loader, name, bytes, offset, length, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            decisions.failed(Hook.DEFINE_CLASS, Load.Kind.CLASS, name, e);
            goOn();
            return null;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public @Nullable ByteBuffer classDefining(
            ClassLoader loader, @Nullable String name, @Nullable ByteBuffer bytes, @Nullable ProtectionDomain domain) {
        Carrier.keep();
        try {
            ByteBuffer checked = definitions.classDefining(loader, name, bytes, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            decisions.failed(Hook.DEFINE_CLASS_BUFFER, Load.Kind.CLASS, name, e);
            goOn();
            return null;
        } finally {
            Carrier.release();
        }
    }

    /** Audit mode, after a failure: the definition goes on. */
    private static void goOn() {
        ThreadState.current().begin();
    }

    @Override
    public void classDefined() {
        definitions.classDefined();
    }

    @Override
    public void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.LOOKUP_DEFINE, lookup, bytes);
    }

    @Override
    public void hiddenDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.HIDDEN_CLASS, lookup, bytes);
    }

    @Override
    public void hiddenWithDataDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.HIDDEN_CLASS_DATA, lookup, bytes);
    }

    private void lookupDefining(Hook hook, MethodHandles.Lookup lookup, byte[] bytes) {
        Carrier.keep();
        try {
            definitions.lookupDefining(hook, lookup, bytes);
            ThreadState.current().begin();
        } catch (Throwable e) {
            decisions.failed(hook, Load.Kind.CLASS, null, e);
            goOn();
        } finally {
            Carrier.release();
        }
    }

    @Override
    public byte @Nullable [] unsafeDefining(
            @Nullable ClassLoader loader,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        Carrier.keep();
        try {
            byte[] checked = definitions.unsafeDefining(loader, bytes, offset, length, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            decisions.failed(Hook.UNSAFE_DEFINE, Load.Kind.CLASS, null, e);
            goOn();
            return null;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void transletsGenerated(byte[] @Nullable [] classes) {
        Carrier.keep();
        try {
            definitions.transletsGenerated(classes);
        } catch (Throwable e) {
            decisions.failed(Hook.XSLT_COMPILER, Load.Kind.CLASS, null, e);
        } finally {
            Carrier.release();
        }
    }

    /** Whether a class is from the JDK's own modules, or from the application's class path, as far as the JVM knows. */
    public boolean isOfJdkLoader(@Nullable ClassLoader loader, @Nullable ProtectionDomain domain) {
        return definitions.isOfJdkLoader(loader, domain);
    }

    /**
     * A class that the JVM loads; see {@link ClassDefinitionHooks#classLoading}.
     *
     * @throws PackageRefusedException if it must not be
     */
    public void classLoading(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String nameOrNull,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        Carrier.keep();
        try {
            definitions.classLoading(module, loader, nameOrNull, domain, bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_LOAD, Load.Kind.CLASS, nameOrNull, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void retransforming() {
        probes.note(Hook.RETRANSFORM);
    }

    @Override
    public Object @Nullable [] redefining(Object @Nullable [] classes) {
        Carrier.keep();
        try {
            return definitions.redefining(classes);
        } catch (Throwable e) {
            decisions.failed(Hook.REDEFINE, Load.Kind.CLASS, null, e);
            return classes;
        } finally {
            Carrier.release();
        }
    }
}
