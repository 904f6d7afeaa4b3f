// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.beans.Statement;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import jdk.jfr.AnnotationElement;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.Name;
import jdk.jfr.Recording;

/** Has the JDK generate what it generates for its own API, then has JDK code call a method handle that defines a class. */
public final class JdkGeneratorsHost {

    private JdkGeneratorsHost() {}

    /** A call that is made often enough to have an accessor generated. */
    public static void called() {}

    /** {@code CLASS_FILE}; the class must be in this package. */
    public static void main(String[] arguments) throws Exception {
        attempt("beans", () -> {
            new Statement(new StringBuilder(), "append", new Object[] {"x"}).execute();
            return null;
        });
        attempt(
                "module-info",
                () -> Class.forName("java.lang.Object").getModule().getAnnotations());
        attempt("reflection", JdkGeneratorsHost::reflect);
        attempt("flight-recorder", JdkGeneratorsHost::recordEvents);
        attempt("management", JdkGeneratorsHost::connect);
        byte[] bytes = Files.readAllBytes(Path.of(arguments[0]));
        attempt("by-handle", () -> {
            List.of("x").forEach(defining(bytes));
            return null;
        });
        attempt(
                "by-reflection",
                () -> MethodHandles.Lookup.class
                        .getMethod("defineClass", byte[].class)
                        .invoke(MethodHandles.lookup(), bytes));
    }

    private static void attempt(String what, Callable<?> action) {
        try {
            action.call();
            System.out.println(what + " WORKS");
        } catch (Throwable e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            System.out.println(what + " FAILS " + cause);
        }
    }

    private static Object reflect() throws Exception {
        Method called = JdkGeneratorsHost.class.getMethod("called");
        for (int i = 0; i < 100; i++) {
            called.invoke(null);
        }
        return called;
    }

    private static Object recordEvents() {
        try (Recording recording = new Recording()) {
            recording.start();
            Event event = EventFactory.create(List.of(new AnnotationElement(Name.class, "sample.Event")), List.of())
                    .newEvent();
            event.begin();
            event.commit();
            recording.stop();
        }
        return null;
    }

    private static Object connect() throws Exception {
        JMXConnectorServer server = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("rmi", "127.0.0.1", 0), null, ManagementFactory.getPlatformMBeanServer());
        server.start();
        try (JMXConnector connector = JMXConnectorFactory.connect(server.getAddress())) {
            return connector.getMBeanServerConnection().getMBeanCount();
        } finally {
            server.stop();
        }
    }

    @SuppressWarnings("unchecked")
    private static Consumer<Object> defining(byte[] bytes) throws Exception {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle define = lookup.findVirtual(
                        MethodHandles.Lookup.class,
                        "defineHiddenClass",
                        MethodType.methodType(
                                MethodHandles.Lookup.class,
                                byte[].class,
                                boolean.class,
                                MethodHandles.Lookup.ClassOption[].class))
                .asFixedArity();
        MethodHandle bound =
                MethodHandles.insertArguments(define, 0, lookup, bytes, true, new MethodHandles.Lookup.ClassOption[0]);
        return MethodHandleProxies.asInterfaceInstance(
                Consumer.class,
                MethodHandles.dropArguments(bound.asType(MethodType.methodType(void.class)), 0, Object.class));
    }
}
