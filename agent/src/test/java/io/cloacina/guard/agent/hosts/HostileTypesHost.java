// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Authenticator;
import java.net.JarURLConnection;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import javax.management.ObjectName;

/**
 * Puts objects of its own wherever the JDK takes some for the whole JVM, hands others in with each load, and looks from all
 * of them for what leads into the guard.
 */
public final class HostileTypesHost {

    private static final CountDownLatch BEAN = new CountDownLatch(1);

    private HostileTypesHost() {}

    /** Named by a property of the command line. */
    public static final class Builder extends MBeanServerBuilder {
        /** Made by the JDK. */
        public Builder() {}

        @Override
        public MBeanServer newMBeanServer(String domain, MBeanServer outer, MBeanServerDelegate delegate) {
            MBeanServer real = super.newMBeanServer(domain, outer, delegate);
            return (MBeanServer) Proxy.newProxyInstance(
                    Builder.class.getClassLoader(), new Class<?>[] {MBeanServer.class}, (self, method, arguments) -> {
                        Onlooker.look("MBeanServer." + method.getName());
                        try {
                            Object result = method.invoke(real, arguments);
                            if (method.getName().equals("registerMBean")
                                    && arguments[1] instanceof ObjectName name
                                    && name.getDomain().equals("io.cloacina.guard")) {
                                BEAN.countDown();
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    private static final class HostileGroup extends ThreadGroup {
        HostileGroup() {
            super("hostile");
        }

        @Override
        public int activeCount() {
            Onlooker.look("ThreadGroup.activeCount");
            return super.activeCount();
        }

        @Override
        public void uncaughtException(Thread thread, Throwable thrown) {
            Onlooker.look("ThreadGroup.uncaughtException");
            super.uncaughtException(thread, thrown);
        }

        @Override
        public String toString() {
            Onlooker.look("ThreadGroup.toString");
            return super.toString();
        }
    }

    private static final class HostileZone extends TimeZone {
        private static final long serialVersionUID = 1L;

        @Override
        public Object clone() {
            Onlooker.look("TimeZone.clone");
            return super.clone();
        }

        @Override
        public String getID() {
            Onlooker.look("TimeZone.getID");
            return "UTC";
        }

        @Override
        public int getOffset(int era, int year, int month, int day, int dayOfWeek, int millis) {
            Onlooker.look("TimeZone.getOffset");
            return 0;
        }

        @Override
        public int getOffset(long time) {
            Onlooker.look("TimeZone.getOffset");
            return 0;
        }

        @Override
        public void setRawOffset(int millis) {
            Onlooker.look("TimeZone.setRawOffset");
        }

        @Override
        public int getRawOffset() {
            Onlooker.look("TimeZone.getRawOffset");
            return 0;
        }

        @Override
        public boolean useDaylightTime() {
            Onlooker.look("TimeZone.useDaylightTime");
            return false;
        }

        @Override
        public boolean inDaylightTime(Date date) {
            Onlooker.look("TimeZone.inDaylightTime");
            return false;
        }
    }

    private static final class HostileProvider extends Provider {
        private static final long serialVersionUID = 1L;

        HostileProvider() {
            super("Hostile", "1", "looks who asks");
        }

        @Override
        public Service getService(String type, String algorithm) {
            Onlooker.look("Provider.getService");
            return null;
        }

        @Override
        public Set<Service> getServices() {
            Onlooker.look("Provider.getServices");
            return Set.of();
        }
    }

    private static final class HostileStream extends PrintStream {
        HostileStream() {
            super(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        }

        @Override
        public void println(String line) {
            Onlooker.look("PrintStream.println");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            Onlooker.look("PrintStream.write");
        }
    }

    private static final class HostileSelector extends ProxySelector {
        @Override
        public List<java.net.Proxy> select(URI uri) {
            Onlooker.look("ProxySelector.select");
            return List.of(java.net.Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException thrown) {
            Onlooker.look("ProxySelector.connectFailed");
        }
    }

    /** A {@code jar:} handler that gives back an archive of a class of its own. */
    private static final class HostileHandler extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            Onlooker.look("URLStreamHandler.openConnection");
            return new JarURLConnection(url) {
                @Override
                public JarFile getJarFile() throws IOException {
                    Onlooker.look("JarURLConnection.getJarFile");
                    return new JarFile(new HostileFile(getJarFileURL().getPath())) {
                        @Override
                        public String getName() {
                            Onlooker.look("ZipFile.getName");
                            return super.getName();
                        }
                    };
                }

                @Override
                public void connect() {
                    Onlooker.look("URLConnection.connect");
                }
            };
        }
    }

    private static void attempt(String what, Callable<?> action) {
        try {
            action.call();
            System.out.println(what + " WORKS");
        } catch (Exception | LinkageError e) {
            System.out.println(what + " FAILS");
        }
    }

    private static Object load(URL root, String className) throws Exception {
        ClassLoader parent = new HostileLoader(new URL("file:/nowhere/"), null);
        try (HostileLoader loader = new HostileLoader(root, parent)) {
            return Class.forName(className, true, loader);
        }
    }

    private static Object loadModule(Path directory, String className) throws Exception {
        ModuleFinder finder = ModuleFinder.of(new HostileFileSystem().wrap(directory));
        Configuration configuration =
                ModuleLayer.boot().configuration().resolve(finder, ModuleFinder.of(), Set.of("plugin"));
        return Class.forName(
                className,
                true,
                ModuleLayer.boot()
                        .defineModulesWithOneLoader(configuration, null)
                        .findLoader("plugin"));
    }

    private static void takeOver() throws Exception {
        Security.insertProviderAt(new HostileProvider(), 1);
        TimeZone.setDefault(new HostileZone());
        Locale.setDefault(new Locale("tr", "TR"));
        ProxySelector.setDefault(new HostileSelector());
        Authenticator.setDefault(new Authenticator() {});
        System.setErr(new HostileStream());
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, thrown) -> Onlooker.look("UncaughtExceptionHandler.uncaughtException"));
        URL.setURLStreamHandlerFactory(protocol -> {
            Onlooker.look("URLStreamHandlerFactory.createURLStreamHandler");
            return protocol.equals("jar") ? new HostileHandler() : null;
        });
        InheritableThreadLocal<Object> inherited = new InheritableThreadLocal<>() {
            @Override
            protected Object childValue(Object parent) {
                Onlooker.look("InheritableThreadLocal.childValue");
                return parent;
            }
        };
        inherited.set(new Object());
    }

    /** Arguments: a signed JAR, one that is not, both with the plugin's class, and the directory of module [plugin]. */
    @SuppressWarnings("deprecation") // URL.of came with Java 20
    public static void main(String[] arguments) throws Exception {
        System.out.println("control finds " + Onlooker.findsOpenClasses());
        takeOver();
        Path good = Path.of(arguments[0]);
        Path evil = Path.of(arguments[1]);
        String className = arguments[3];
        Thread thread = new Thread(new HostileGroup(), () -> {
            attempt("signed", () -> load(good.toUri().toURL(), className));
            attempt("unsigned", () -> load(evil.toUri().toURL(), className));
            attempt("again as data", () -> {
                new JarFile(new HostileFile(good.toString())).close();
                return null;
            });
            attempt("by a handler", () -> load(new URL("jar:" + good.toUri() + "!/"), className));
            attempt("module", () -> loadModule(Path.of(arguments[2]), className));
            attempt("library", () -> {
                System.load(new HostileFile(arguments[0]).toString());
                return null;
            });
        });
        thread.start();
        thread.join();
        attempt("bean", () -> {
            ManagementFactory.getPlatformMBeanServer();
            if (!BEAN.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the guard's bean does not come");
            }
            return null;
        });
        attempt("context loader", () -> {
            for (Thread one : Thread.getAllStackTraces().keySet()) {
                if (one.getName().startsWith("cloacina")) {
                    one.setContextClassLoader(HostileTypesHost.class.getClassLoader());
                    if (one.getContextClassLoader() != ClassLoader.getPlatformClassLoader()) {
                        throw new IllegalStateException(one.getName() + " has another loader now");
                    }
                }
            }
            return null;
        });
        System.out.println("bean server sees the guard " + Onlooker.hasSeenGuard("MBeanServer.registerMBean"));
        Onlooker.report();
    }
}
