// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.InputStream;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessibleObject;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Overrides what the guard may call of objects that an application hands in, and looks from there for classes of the guard that
 * lead anywhere. Prints each way in, and at last how many there are.
 */
public final class HostileHost {

    private static final StackWalker STACK = StackWalker.getInstance(Option.RETAIN_CLASS_REFERENCE);
    private static final ClassLoader APPLICATION = HostileHost.class.getClassLoader();
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();
    private static final Set<String> LEAKS = ConcurrentHashMap.newKeySet();
    private static final ThreadLocal<Boolean> LOOKING = new ThreadLocal<>();

    private HostileHost() {}

    /** What an override does: asks who has called it, and opens what it can. */
    private static void look(String override) {
        if (LOOKING.get() != null) {
            return;
        }
        LOOKING.set(true);
        try {
            List<Class<?>> callers = STACK.walk(frames ->
                    frames.<Class<?>>map(StackFrame::getDeclaringClass).toList());
            for (Class<?> caller : callers) {
                if (caller.getName().startsWith("io.cloacina.guard.") && caller.getClassLoader() != APPLICATION) {
                    open(override, caller);
                }
            }
        } finally {
            LOOKING.remove();
        }
    }

    private static void open(String override, Class<?> caller) {
        List<AccessibleObject> members = new ArrayList<>(List.of(caller.getDeclaredFields()));
        members.addAll(List.of(caller.getDeclaredMethods()));
        members.addAll(List.of(caller.getDeclaredConstructors()));
        for (AccessibleObject member : members) {
            if (member.trySetAccessible()) {
                LEAKS.add(override + " opens " + member);
            }
        }
        try {
            MethodHandles.privateLookupIn(caller, MethodHandles.lookup());
            LEAKS.add(override + " looks into " + caller);
        } catch (IllegalAccessException e) {
            // As it must be.
        }
        try (InputStream in = caller.getResourceAsStream(caller.getSimpleName() + ".class")) {
            if (in != null) {
                LEAKS.add(override + " reads the resources of " + caller);
            }
        } catch (java.io.IOException e) {
            LEAKS.add(override + " is given a resource of " + caller + ": " + e);
        }
    }

    private static final class HostileThread extends Thread {
        HostileThread(ThreadGroup group, Runnable task) {
            super(group, task);
        }

        @Override
        public int hashCode() {
            look("Thread.hashCode");
            return 1;
        }

        @Override
        public boolean equals(Object other) {
            look("Thread.equals");
            return true;
        }

        @Override
        public void interrupt() {
            look("Thread.interrupt");
            super.interrupt();
        }

        @Override
        public boolean isInterrupted() {
            look("Thread.isInterrupted");
            return super.isInterrupted();
        }

        @Override
        public ClassLoader getContextClassLoader() {
            look("Thread.getContextClassLoader");
            return super.getContextClassLoader();
        }

        @Override
        public String toString() {
            look("Thread.toString");
            return super.toString();
        }
    }

    private static final class HostileProperties extends Properties {
        private static final long serialVersionUID = 1L;

        @Override
        public String getProperty(String key) {
            look("Properties.getProperty");
            return super.getProperty(key);
        }

        @Override
        public Object get(Object key) {
            look("Properties.get");
            return super.get(key);
        }
    }

    private static final class HostileLoader extends ClassLoader {
        @Override
        public String getName() {
            look("ClassLoader.getName");
            return "hostile";
        }

        @Override
        public int hashCode() {
            look("ClassLoader.hashCode");
            return 1;
        }

        @Override
        public String toString() {
            look("ClassLoader.toString");
            return "hostile";
        }

        void define(String name, byte[] bytes, URL location) {
            CodeSource source = new CodeSource(location, (Certificate[]) null) {
                private static final long serialVersionUID = 1L;

                @Override
                public int hashCode() {
                    look("CodeSource.hashCode");
                    return 1;
                }
            };
            defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null) {
                @Override
                public String toString() {
                    look("ProtectionDomain.toString");
                    return "hostile";
                }
            });
        }
    }

    private static final class HostileHandler extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws java.io.IOException {
            look("URLStreamHandler.openConnection");
            throw new java.io.IOException("there is nothing");
        }

        @Override
        protected String toExternalForm(URL url) {
            look("URLStreamHandler.toExternalForm");
            return super.toExternalForm(url);
        }

        @Override
        protected int hashCode(URL url) {
            look("URLStreamHandler.hashCode");
            return 1;
        }
    }

    private static void load(Path jar, String className) {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            Class.forName(className, true, loader);
            System.out.println("loaded " + className);
        } catch (ClassNotFoundException e) {
            System.out.println("refused " + className);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Arguments: a signed JAR and its class, an unsigned JAR and its class, a class file without a package. */
    @SuppressWarnings("deprecation") // URL.of came with Java 20
    public static void main(String[] arguments) throws Exception {
        look("nothing");
        // Whether it would find anything at all: this class is open to itself.
        open("control", HostileHost.class);
        System.out.println("control finds " + !LEAKS.isEmpty());
        LEAKS.clear();
        Properties properties = new HostileProperties();
        properties.putAll(System.getProperties());
        System.setProperties(properties);
        byte[] classFile = Files.readAllBytes(Path.of(arguments[4]));
        Runnable all = () -> {
            Thread.currentThread().interrupt();
            load(Path.of(arguments[0]), arguments[1]);
            load(Path.of(arguments[2]), arguments[3]);
            try {
                new HostileLoader()
                        .define(null, classFile, new URL("hostile", null, -1, "/x.jar", new HostileHandler()));
                System.out.println("defined");
            } catch (SecurityException e) {
                System.out.println("not defined");
            } catch (java.net.MalformedURLException e) {
                throw new IllegalStateException(e);
            }
            System.out.println("interrupted " + Thread.interrupted());
        };
        ThreadGroup group = new ThreadGroup("hostile");
        Thread thread = new HostileThread(group, all);
        thread.start();
        thread.join();
        for (String leak : new TreeSet<>(LEAKS)) {
            System.out.println("LEAK " + leak);
        }
        System.out.println("leaks " + LEAKS.size());
    }
}
