// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;

/** Another agent: transforms classes that the guard has instrumented, again and again. */
public final class Retransformer {

    private static final String[] CLASSES = {
        "java.net.URLClassLoader", "java.lang.ClassLoader", "java.util.zip.ZipFile$Source"
    };

    private static Instrumentation instrumentation;

    private Retransformer() {}

    /** @param arguments how many times */
    public static void premain(String arguments, Instrumentation given) throws ClassNotFoundException {
        instrumentation = given;
        given.addTransformer(
                new ClassFileTransformer() {
                    @Override
                    public byte[] transform(
                            ClassLoader loader,
                            String name,
                            Class<?> redefined,
                            ProtectionDomain domain,
                            byte[] bytes) {
                        return redefined == null ? null : bytes.clone();
                    }
                },
                true);
        int rounds = Integer.parseInt(arguments);
        Class<?>[] classes = classes();
        Thread thread = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                retransform(classes);
            }
            System.err.println("retransformed " + rounds);
        });
        thread.start();
    }

    private static Class<?>[] classes() throws ClassNotFoundException {
        Class<?>[] classes = new Class<?>[CLASSES.length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = Class.forName(CLASSES[i]);
        }
        return classes;
    }

    private static void retransform(Class<?>[] classes) {
        try {
            instrumentation.retransformClasses(classes);
        } catch (UnmodifiableClassException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Does it once from every depth of the stack, so that somewhere a transformer runs out of it. */
    public static int fromEveryDepth() throws ClassNotFoundException {
        return deeper(classes());
    }

    private static int deeper(Class<?>[] classes) {
        int failures;
        try {
            failures = deeper(classes);
        } catch (StackOverflowError e) {
            failures = 0;
        }
        if (failures < 400) {
            try {
                retransform(classes);
                failures += 100;
            } catch (StackOverflowError | InternalError e) {
                failures++;
            }
        }
        return failures;
    }
}
