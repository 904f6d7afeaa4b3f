package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.guard.PluginGate;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;

/**
 * The net under the hooks: sees every class file that the JVM loads, also those that pass no Java method.
 *
 * <p>The JVM swallows what a transformer throws and loads the class; bytes that are no class are what keeps one out.
 */
final class Net implements ClassFileTransformer {

    private static final ClassLoader OWN = Net.class.getClassLoader();

    private final PluginGate gate;

    Net(PluginGate gate) {
        this.gate = gate;
    }

    @Override
    public byte[] transform(
            Module module,
            ClassLoader loader,
            String nameOrNull,
            Class<?> redefined,
            ProtectionDomain domain,
            byte[] bytes) {
        if (redefined != null || loader == OWN) {
            return null;
        }
        try {
            gate.classLoading(module, loader, domain, bytes);
            return null;
        } catch (PackageRefusedException e) {
            return new byte[] {0};
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // What cannot be judged is not let in where signatures are required.
            return gate.isEnforcing() ? new byte[] {0} : null;
        }
    }
}
