// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import io.cloacina.guard.agent.forked.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * An EAR with everything that may be in one: a library, an EJB, a resource adapter with a library in it, and a WAR with one,
 * whose servlet answers at {@code /NAME/hello} what all of them say.
 */
final class EnterpriseApplication {

    private final Path directory;
    private final Path apis;

    /**
     * @param directory for what is made on the way
     * @param apis the host's modules of {@code jakarta}
     */
    EnterpriseApplication(Path directory, Path apis) {
        this.directory = directory;
        this.apis = apis;
    }

    private Path api(String name) throws IOException {
        try (Stream<Path> files = Files.list(apis.resolve(name + "/api/main"))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Path newDirectory() throws IOException {
        return Files.createTempDirectory(directory, "content");
    }

    private Path jar(Path jar, String className, String source, Path... classPath) throws Exception {
        Path classes = newDirectory();
        Packages.compile(classes, className, source, classPath);
        Files.createDirectories(jar.getParent());
        return Webapp.zip(classes, jar);
    }

    Path ear(Path ear, String text) throws Exception {
        Path root = newDirectory();
        Path library = jar(root.resolve("lib/library.jar"), "greeting.Text", """
            package greeting;
            public final class Text {
                public static String text() {
                    return "%s";
                }
            }
            """.formatted(text));
        Path bean = jar(root.resolve("bean.jar"), "sample.Bean", """
            package sample;
            @jakarta.ejb.Stateless
            public class Bean {
                public String text() {
                    return greeting.Text.text() + " by EJB";
                }
            }
            """, library, api("ejb"));
        Path adapter = adapter(root.resolve("adapter.rar"));
        Path web = newDirectory();
        Path part = jar(web.resolve("WEB-INF/lib/part.jar"), "part.Part", """
            package part;
            @jakarta.enterprise.context.Dependent
            public class Part {
                public String text() {
                    return " and CDI";
                }
            }
            """, api("enterprise"), api("inject"));
        Packages.compile(
                Files.createDirectories(web.resolve("WEB-INF/classes")),
                "sample.Hello",
                """
            package sample;
            import jakarta.servlet.http.*;
            @jakarta.servlet.annotation.WebServlet("/hello")
            public class Hello extends HttpServlet {
                @jakarta.ejb.EJB private Bean bean;
                @jakarta.inject.Inject private part.Part part;
                @Override protected void doGet(HttpServletRequest request, HttpServletResponse response)
                        throws java.io.IOException {
                    response.getWriter().print(bean.text() + part.text() + adapter.Adapter.text());
                }
            }
            """,
                api("servlet"),
                api("ejb"),
                api("inject"),
                api("resource"),
                bean,
                part,
                adapter,
                library);
        Webapp.zip(web, root.resolve(ear.getFileName().toString().replace(".ear", ".war")));
        return Webapp.zip(root, ear);
    }

    /** @return the JAR in it */
    private Path adapter(Path rar) throws Exception {
        Path root = newDirectory();
        Path adapter = jar(root.resolve("adapter.jar"), "adapter.Adapter", """
            package adapter;
            import jakarta.resource.spi.*;
            import jakarta.resource.spi.endpoint.MessageEndpointFactory;
            public class Adapter implements ResourceAdapter {
                public static String text() {
                    return " and RAR";
                }
                @Override public void start(BootstrapContext context) {}
                @Override public void stop() {}
                @Override public boolean equals(Object other) {
                    return this == other;
                }
                @Override public int hashCode() {
                    return 1;
                }
                @Override public void endpointActivation(MessageEndpointFactory factory, ActivationSpec spec) {}
                @Override public void endpointDeactivation(MessageEndpointFactory factory, ActivationSpec spec) {}
                @Override public javax.transaction.xa.XAResource[] getXAResources(ActivationSpec[] specs) {
                    return null;
                }
            }
            """, api("resource"));
        Files.writeString(Files.createDirectories(root.resolve("META-INF")).resolve("ra.xml"), """
            <connector xmlns="https://jakarta.ee/xml/ns/jakartaee" version="2.0">
              <vendor-name>sample</vendor-name>
              <eis-type>sample</eis-type>
              <resourceadapter-version>1</resourceadapter-version>
              <resourceadapter><resourceadapter-class>adapter.Adapter</resourceadapter-class></resourceadapter>
            </connector>
            """);
        Webapp.zip(root, rar);
        return adapter;
    }
}
