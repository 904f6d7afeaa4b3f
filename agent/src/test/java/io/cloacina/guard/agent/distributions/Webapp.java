// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import io.cloacina.guard.agent.forked.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A web application as teams ship it: a servlet, a library that it uses, and a JSP that uses it too. */
final class Webapp {

    private static final String PRECOMPILED = """
        <servlet>
            <servlet-name>page</servlet-name>
            <servlet-class>org.apache.jsp.page_jsp</servlet-class>
          </servlet>
          <servlet-mapping>
            <servlet-name>page</servlet-name>
            <url-pattern>/page.jsp</url-pattern>
          </servlet-mapping>""";

    private Webapp() {}

    /** Compiles the JSPs of an application. */
    interface JspCompiler {

        /** Adds the classes of the JSPs of {@code root} to those in its {@code WEB-INF/classes}. */
        void compile(Path root) throws Exception;
    }

    /**
     * Makes a WAR that answers {@code text} at {@code /hello} and at {@code /page.jsp}, which the host compiles.
     *
     * @param servletApi the host's own JAR of {@code jakarta.servlet}
     */
    static Path war(Path war, Path servletApi, String text) throws Exception {
        return war(war, servletApi, text, null);
    }

    /** The same with JSPs that are compiled already, if {@code compiler} is not null. */
    static Path war(Path war, Path servletApi, String text, JspCompiler compiler) throws Exception {
        Path work = Files.createTempDirectory(war.toAbsolutePath().getParent().getParent(), "war");
        Path library = Files.createDirectories(work.resolve("library"));
        Packages.compile(library, "greeting.Greeting", """
            package greeting;
            public final class Greeting {
                public static String text() {
                    return "%s";
                }
            }
            """.formatted(text));
        Path root = work.resolve("root");
        Path classes = Files.createDirectories(root.resolve("WEB-INF/classes"));
        Path jar = Packages.zip(
                library, Files.createDirectories(root.resolve("WEB-INF/lib")).resolve("greeting.jar"));
        Packages.compile(classes, "sample.Hello", """
            package sample;
            import jakarta.servlet.http.*;
            public class Hello extends HttpServlet {
                @Override protected void doGet(HttpServletRequest request, HttpServletResponse response)
                        throws java.io.IOException {
                    response.getWriter().print(greeting.Greeting.text());
                }
            }
            """, servletApi, jar);
        Files.writeString(root.resolve("WEB-INF/web.xml"), """
            <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
              <servlet>
                <servlet-name>hello</servlet-name>
                <servlet-class>sample.Hello</servlet-class>
              </servlet>
              <servlet-mapping>
                <servlet-name>hello</servlet-name>
                <url-pattern>/hello</url-pattern>
              </servlet-mapping>
              %s
            </web-app>
            """.formatted(compiler == null ? "" : PRECOMPILED));
        Files.writeString(root.resolve("page.jsp"), "<%= greeting.Greeting.text() %> by JSP");
        if (compiler != null) {
            compiler.compile(root);
        }
        return zip(root, war);
    }

    /** As the jar tool does it: with entries for directories, by which hosts find what a packed WAR holds. */
    static Path zip(Path root, Path war) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war));
                Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(each -> !each.equals(root)).sorted().toList()) {
                boolean isDirectory = Files.isDirectory(file);
                zip.putNextEntry(new ZipEntry(root.relativize(file) + (isDirectory ? "/" : "")));
                if (!isDirectory) {
                    Files.copy(file, zip);
                }
            }
        }
        return war;
    }
}
