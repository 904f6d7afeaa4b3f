// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/** Uses the JVM's instruments, or does not, and tries to reach the guard through them. */
public final class InstrumentedHost {

    private static final String BEAN = "io.cloacina.guard:type=Guard";

    private InstrumentedHost() {}

    /** Each line of standard input is an order: {@code load JAR}, {@code beans}, {@code own}, {@code attack}. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line.split(" ")[0]) {
                case "load" -> load(new File(line.substring("load ".length())));
                case "beans" -> beans();
                case "own" -> System.out.println("OWN " + own());
                case "attack" -> attack();
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private static void load(File jar) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toURI().toURL()}, null)) {
            loader.loadClass("sample.Plugin");
            System.out.println("LOADED");
        } catch (ClassNotFoundException e) {
            System.out.println("REFUSED");
        }
    }

    private static ObjectName bean(MBeanServer server) throws Exception {
        ObjectName name = new ObjectName(BEAN);
        CountDownLatch changed = new CountDownLatch(1);
        server.addNotificationListener(
                MBeanServerDelegate.DELEGATE_NAME,
                (notification, nothing) -> {
                    if (server.isRegistered(name)) {
                        changed.countDown();
                    }
                },
                null,
                null);
        if (!server.isRegistered(name) && !changed.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("there is no bean of the guard");
        }
        return name;
    }

    private static void beans() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = bean(server);
        StringBuilder line = new StringBuilder();
        for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
            Object value = server.getAttribute(name, attribute.getName());
            line.append(attribute.getName())
                    .append('=')
                    .append(value instanceof Object[] array ? Arrays.toString(array) : value)
                    .append("; ");
        }
        System.out.println(line.toString().replace('\n', ' '));
    }

    /** A bean server of the application's own, which is not the platform's. */
    private static int own() {
        return MBeanServerFactory.createMBeanServer("own").getMBeanCount();
    }

    private static void attack() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = bean(server);
        StringBuilder reached = new StringBuilder();
        if (server.getClassLoaderFor(name) != null) {
            reached.append("the loader by the server; ");
        }
        for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
            try {
                server.setAttribute(name, new Attribute(attribute.getName(), "audit"));
                reached.append(attribute.getName()).append(" was set; ");
            } catch (JMException e) {
                // As it should be.
                continue;
            }
        }
        try {
            server.invoke(name, "close", new Object[0], new String[0]);
            reached.append("something was invoked; ");
        } catch (JMException e) {
            reached.append(e.getCause() instanceof NoSuchMethodException ? "" : "another error than expected: " + e);
        }
        if (server.getMBeanInfo(name).getOperations().length > 0) {
            reached.append("there are operations; ");
        }
        for (Object registered : CapturingBuilder.REGISTERED) {
            if (registered instanceof DynamicMBean dynamic
                    && dynamic.getMBeanInfo().getClassName().contains("cloacina")) {
                System.out.println("CAPTURED " + registered.getClass().getSimpleName());
                reach(registered, reached);
            }
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("cloacina")) {
                if (thread.getClass().getClassLoader() != null
                        || thread.getContextClassLoader() != ClassLoader.getPlatformClassLoader()) {
                    reached.append("the loader by thread ").append(thread.getName());
                }
            }
        }
        System.out.println("REACHED " + reached);
    }

    private static void reach(Object bean, StringBuilder reached) {
        if (bean.getClass().getClassLoader() != null) {
            reached.append("the loader by the bean; ");
        }
        for (Field field : bean.getClass().getDeclaredFields()) {
            try {
                field.setAccessible(true);
                reached.append("the field ").append(field.getName());
            } catch (InaccessibleObjectException e) {
                // As it should be.
                continue;
            }
        }
    }

    /** Makes bean servers that remember every bean, as an application may have them. */
    public static final class CapturingBuilder extends MBeanServerBuilder {

        static final List<Object> REGISTERED = new CopyOnWriteArrayList<>();

        @Override
        public MBeanServer newMBeanServer(String domain, MBeanServer outer, MBeanServerDelegate delegate) {
            MBeanServer inner = super.newMBeanServer(domain, outer, delegate);
            InvocationHandler handler = (proxy, method, values) -> {
                if (method.getName().equals("registerMBean")) {
                    REGISTERED.add(values[0]);
                }
                try {
                    return method.invoke(inner, values);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            };
            return (MBeanServer) Proxy.newProxyInstance(
                    InstrumentedHost.class.getClassLoader(), new Class<?>[] {MBeanServer.class}, handler);
        }
    }
}
