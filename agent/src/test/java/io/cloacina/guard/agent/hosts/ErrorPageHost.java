// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.concurrent.Callable;

/** Has things refused, and prints what an error page would show of it, and what a log would. */
public final class ErrorPageHost {

    private ErrorPageHost() {}

    /** {@code JAR CLASSES LIBRARY} */
    public static void main(String[] arguments) throws Exception {
        Path classes = Path.of(arguments[1]);
        URL[] jar = {Path.of(arguments[0]).toUri().toURL()};
        URL[] directory = {classes.toUri().toURL()};
        show("jar", () -> Class.forName("sample.Plugin", true, new URLClassLoader(jar)));
        show("directory", () -> Class.forName("sample.Plugin", true, new URLClassLoader(directory)));
        show("own", () -> new Own(classes).loadClass("sample.Plugin"));
        show("native", () -> {
            System.load(arguments[2]);
            return null;
        });
    }

    private static final class Own extends ClassLoader {
        private final Path classes;

        Own(Path classes) {
            super(ErrorPageHost.class.getClassLoader());
            this.classes = classes;
        }

        @Override
        protected Class<?> findClass(String name) {
            try {
                byte[] bytes = Files.readAllBytes(classes.resolve(name.replace('.', '/') + ".class"));
                CodeSource source = new CodeSource(classes.toUri().toURL(), (Certificate[]) null);
                return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private static void show(String name, Callable<?> load) {
        try {
            load.call();
            System.out.println(name + " LOADED");
        } catch (Throwable e) {
            // Hosts wrap what a servlet throws.
            Throwable thrown = new RuntimeException("servlet failed", e);
            page(thrown).lines().forEach(line -> System.out.println("PAGE " + line));
            StringWriter log = new StringWriter();
            thrown.printStackTrace(new PrintWriter(log, true));
            log.toString().lines().forEach(line -> System.out.println("LOG " + line));
        }
    }

    /** As {@code org.apache.catalina.valves.ErrorReportValve} of Tomcat 11 builds its report. */
    private static String page(Throwable thrown) {
        StringBuilder page = new StringBuilder();
        page.append("Message ").append(thrown.getMessage()).append('\n');
        page.append("Exception\n").append(partialStackTrace(thrown));
        int loops = 0;
        for (Throwable cause = thrown.getCause(); cause != null && loops < 10; cause = cause.getCause()) {
            page.append("Root Cause\n").append(partialStackTrace(cause));
            loops++;
        }
        return page.toString();
    }

    private static String partialStackTrace(Throwable thrown) {
        StringBuilder trace = new StringBuilder();
        trace.append(thrown.toString()).append('\n');
        for (StackTraceElement element : thrown.getStackTrace()) {
            trace.append('\t').append(element.toString()).append('\n');
        }
        return trace.toString();
    }
}
