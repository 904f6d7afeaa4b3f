// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.gate.PluginGate;
import io.cloacina.guard.agent.instruments.Instruments;
import io.cloacina.guard.internal.decision.Guard;
import java.lang.instrument.ClassFileTransformer;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fallback transformer behind the hooks: sees every class file that the JVM loads, also those that pass no Java
 * method.
 *
 * <p>The JVM ignores exceptions from transformers and loads the class, so a refused class is replaced by invalid bytes.
 */
public final class FallbackTransformer implements ClassFileTransformer {

    /** Allocated in advance, because it is also needed when the heap is full. */
    private static final byte[] NO_CLASS = {0};

    private static final ClassLoader OWN = FallbackTransformer.class.getClassLoader();

    private final PluginGate gate;
    private final Guard guard;
    private final Set<String> seen = new HashSet<>();

    public FallbackTransformer(PluginGate gate, Guard guard) {
        this.gate = gate;
        this.guard = guard;
    }

    /**
     * A class of the boot loader is loaded, or was before the guard came: by some of them the JVM's own instruments are
     * known to be in use.
     */
    public void noticed(String internalName) {
        try {
            if (internalName.equals(Instruments.FLIGHT_RECORDER) && isFirst(internalName)) {
                Instruments.showInFlightRecorder(guard);
            } else if (internalName.equals(Instruments.BEAN_SERVERS) && isFirst(internalName)) {
                Instruments.showAsBean(guard);
            }
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // No load is refused because the guard cannot be shown.
            guard.degraded("the JVM's own instruments do not show the guard", e.toString());
        }
    }

    private static boolean isInstruments(@Nullable String internalName) {
        return Instruments.FLIGHT_RECORDER.equals(internalName) || Instruments.BEAN_SERVERS.equals(internalName);
    }

    private boolean isFirst(String internalName) {
        synchronized (seen) {
            return seen.add(internalName);
        }
    }

    @Override
    @AllowedCall("up to Java 23 a SecurityManager may be there, and the guard acts with its own permissions")
    @SuppressWarnings("removal") // what the application may do is not what the guard may, up to Java 23
    public byte @Nullable [] transform(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String nameOrNull,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        // The JVM calls for each class: first what nearly all of them are.
        if (redefined != null || gate.isOfJdkLoader(loader, domain) || loader == OWN) {
            return null;
        }
        boolean ofJdk = loader == null && module.isNamed();
        if (ofJdk && !isInstruments(nameOrNull)) {
            return null;
        }
        if (System.getSecurityManager() != null) {
            return AccessController.doPrivileged(new PrivilegedAction<byte @Nullable []>() {
                @Override
                public byte @Nullable [] run() {
                    return judge(ofJdk, module, loader, nameOrNull, domain, bytes);
                }
            });
        }
        return judge(ofJdk, module, loader, nameOrNull, domain, bytes);
    }

    private byte @Nullable [] judge(
            boolean ofJdk,
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String nameOrNull,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        if (ofJdk) {
            if (nameOrNull != null) {
                noticed(nameOrNull);
            }
            return null;
        }
        try {
            gate.classLoading(module, loader, nameOrNull, domain, bytes);
            return null;
        } catch (PackageRefusedException e) {
            return NO_CLASS;
        } catch (Throwable e) {
            // Also a full heap, or Thread.stop: what cannot be judged is not let in where signatures are required.
            return gate.isEnforcing() ? NO_CLASS : null;
        }
    }
}
