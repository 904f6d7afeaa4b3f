// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;

/**
 * An agent that does no more than any must which puts hooks into the JDK and sees every class: it has the classes of the
 * guard's hooks transformed, into what they are, and keeps two transformers that leave everything as it is, one of which
 * may transform again.
 */
public final class LimitAgent {

    private static final String[] HOOKED = {
        "java.net.URLClassLoader",
        "jdk.internal.loader.URLClassPath",
        "jdk.internal.loader.URLClassPath$JarLoader",
        "jdk.internal.loader.URLClassPath$FileLoader",
        "java.util.zip.ZipFile$Source",
        "jdk.internal.loader.Resource",
        "java.lang.ClassLoader",
        "jdk.internal.loader.NativeLibraries",
        "jdk.internal.loader.RawNativeLibraries",
        "jdk.internal.module.ModuleReferences$JarModuleReader",
        "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
        "java.lang.invoke.MethodHandles$Lookup",
        "jdk.internal.misc.Unsafe",
        "jdk.internal.loader.ClassLoaders$AppClassLoader",
        "sun.instrument.InstrumentationImpl"
    };

    private LimitAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) throws Exception {
        List<Class<?>> hooked = new ArrayList<>();
        for (String name : HOOKED) {
            try {
                hooked.add(Class.forName(name, true, null));
            } catch (ClassNotFoundException e) {
                // Not in this release.
                continue;
            }
        }
        instrumentation.addTransformer(new Same(), true);
        instrumentation.retransformClasses(hooked.toArray(new Class<?>[0]));
        instrumentation.addTransformer(new Nothing());
    }

    private static final class Same implements ClassFileTransformer {
        @Override
        public byte[] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
            return redefined == null ? null : bytes;
        }
    }

    private static final class Nothing implements ClassFileTransformer {}
}
