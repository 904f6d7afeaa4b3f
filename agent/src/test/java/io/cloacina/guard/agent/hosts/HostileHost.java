// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Properties;

/**
 * Overrides what the guard may call of objects that an application hands in, and looks from there for classes of the guard that
 * lead anywhere. Prints each way in, and at last how many there are.
 */
public final class HostileHost {

    private HostileHost() {}

    private static final class HostileThread extends Thread {
        HostileThread(ThreadGroup group, Runnable task) {
            super(group, task);
        }

        @Override
        public int hashCode() {
            Onlooker.look("Thread.hashCode");
            return 1;
        }

        @Override
        public boolean equals(Object other) {
            Onlooker.look("Thread.equals");
            return true;
        }

        @Override
        public void interrupt() {
            Onlooker.look("Thread.interrupt");
            super.interrupt();
        }

        @Override
        public boolean isInterrupted() {
            Onlooker.look("Thread.isInterrupted");
            return super.isInterrupted();
        }

        @Override
        public ClassLoader getContextClassLoader() {
            Onlooker.look("Thread.getContextClassLoader");
            return super.getContextClassLoader();
        }

        @Override
        public String toString() {
            Onlooker.look("Thread.toString");
            return super.toString();
        }
    }

    private static final class HostileProperties extends Properties {
        private static final long serialVersionUID = 1L;

        @Override
        public String getProperty(String key) {
            Onlooker.look("Properties.getProperty");
            return super.getProperty(key);
        }

        @Override
        public Object get(Object key) {
            Onlooker.look("Properties.get");
            return super.get(key);
        }
    }

    private static final class HostileLoader extends ClassLoader {
        @Override
        public String getName() {
            Onlooker.look("ClassLoader.getName");
            return "hostile";
        }

        @Override
        public int hashCode() {
            Onlooker.look("ClassLoader.hashCode");
            return 1;
        }

        @Override
        public String toString() {
            Onlooker.look("ClassLoader.toString");
            return "hostile";
        }

        void define(String name, byte[] bytes, URL location) {
            CodeSource source = new CodeSource(location, (Certificate[]) null) {
                private static final long serialVersionUID = 1L;

                @Override
                public int hashCode() {
                    Onlooker.look("CodeSource.hashCode");
                    return 1;
                }
            };
            defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null) {
                @Override
                public String toString() {
                    Onlooker.look("ProtectionDomain.toString");
                    return "hostile";
                }
            });
        }
    }

    private static final class HostileHandler extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws java.io.IOException {
            Onlooker.look("URLStreamHandler.openConnection");
            throw new java.io.IOException("there is nothing");
        }

        @Override
        protected String toExternalForm(URL url) {
            Onlooker.look("URLStreamHandler.toExternalForm");
            return super.toExternalForm(url);
        }

        @Override
        protected int hashCode(URL url) {
            Onlooker.look("URLStreamHandler.hashCode");
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
        Onlooker.look("nothing");
        System.out.println("control finds " + Onlooker.findsOpenClasses());
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
        Onlooker.report();
    }
}
