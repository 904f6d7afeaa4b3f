// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;

/** An agent that defines a class of its own by a loader of its own on every thread that loads one, as tracing agents do. */
public final class DefiningAgent {

    private static final ThreadLocal<Boolean> DEFINING = new ThreadLocal<>();
    private static final String HELPER = "io/cloacina/guard/agent/hosts/DefiningAgent$Helper.class";

    private DefiningAgent() {}

    static final class Helper {}

    private static final class OwnLoader extends ClassLoader {
        OwnLoader() {
            super(null);
        }

        void define(byte[] bytes, ProtectionDomain domain) {
            defineClass(null, bytes, 0, bytes.length, domain);
        }
    }

    public static void premain(String arguments, Instrumentation instrumentation) throws IOException {
        byte[] helper;
        try (InputStream in = DefiningAgent.class.getClassLoader().getResourceAsStream(HELPER)) {
            helper = in.readAllBytes();
        }
        ProtectionDomain own = DefiningAgent.class.getProtectionDomain();
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte[] transform(
                    ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
                if (DEFINING.get() == null) {
                    DEFINING.set(true);
                    try {
                        new OwnLoader().define(helper, null);
                        new OwnLoader().define(helper, own);
                    } catch (Throwable e) {
                        // The JVM would swallow it.
                        System.out.println("helper refused: " + e);
                    } finally {
                        DEFINING.remove();
                    }
                }
                return null;
            }
        });
    }
}
