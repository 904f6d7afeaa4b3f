// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;

/** Defines classes without a file in the ways that the JDK offers, beside the JDK's own lambdas and proxies. */
public final class GeneratedHost {

    private GeneratedHost() {}

    /** {@code lookup|hidden|hidden-data|unsafe|native CLASS_FILE}; the class must be in this package. */
    public static void main(String[] arguments) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(arguments[1]));
        Runnable lambda = () -> System.out.println("LAMBDA");
        lambda.run();
        Runnable proxy = (Runnable) Proxy.newProxyInstance(
                GeneratedHost.class.getClassLoader(), new Class<?>[] {Runnable.class}, (self, method, values) -> {
                    System.out.println("PROXY");
                    return null;
                });
        proxy.run();
        try {
            Class.forName(define(arguments[0], bytes).getName() + "", false, null);
        } catch (ClassNotFoundException e) {
            System.out.println("DEFINED");
        } catch (InvocationTargetException e) {
            System.out.println("REFUSED " + e.getCause().getClass().getSimpleName());
        } catch (Throwable e) {
            System.out.println("REFUSED " + e.getClass().getSimpleName());
        }
    }

    private static Class<?> define(String way, byte[] bytes) throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        switch (way) {
            case "lookup":
                return lookup.defineClass(bytes);
            case "hidden":
                return lookup.defineHiddenClass(bytes, true).lookupClass();
            case "hidden-data":
                return lookup.defineHiddenClassWithClassData(bytes, "data", true)
                        .lookupClass();
            case "unsafe":
                Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
                return (Class<?>) unsafe.getMethod(
                                "defineClass",
                                String.class,
                                byte[].class,
                                int.class,
                                int.class,
                                ClassLoader.class,
                                ProtectionDomain.class)
                        .invoke(
                                unsafe.getMethod("getUnsafe").invoke(null),
                                null,
                                bytes,
                                0,
                                bytes.length,
                                new ClassLoader(null) {},
                                null);
            case "native":
                Method native1 = ClassLoader.class.getDeclaredMethod(
                        "defineClass1",
                        ClassLoader.class,
                        String.class,
                        byte[].class,
                        int.class,
                        int.class,
                        ProtectionDomain.class,
                        String.class);
                native1.setAccessible(true);
                return (Class<?>)
                        native1.invoke(null, new ClassLoader(null) {}, null, bytes, 0, bytes.length, null, null);
            default:
                throw new IllegalArgumentException(way);
        }
    }
}
