// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import javax.naming.Reference;
import javax.naming.spi.NamingManager;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Has parts of the JDK load code that they are given a place of: each makes a class loader of its own. */
public final class JdkLoadersHost {

    private static final String PLUGIN = "sample.Plugin";

    private JdkLoadersHost() {}

    /** {@code JAR WAY…}. */
    public static void main(String[] arguments) throws Exception {
        Path jar = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String way = arguments[i];
            Outcome.print(way, () -> {
                load(way, jar);
                return null;
            });
        }
    }

    private static void load(String way, Path jar) throws Exception {
        URL url = jar.toUri().toURL();
        switch (way) {
            case "jrt" -> {
                Path home = Files.createDirectories(jar.resolveSibling("other-jdk/lib"));
                Files.copy(jar, home.resolve("jrt-fs.jar"));
                Files.createFile(home.resolve("modules"));
                FileSystems.newFileSystem(
                        URI.create("jrt:/"),
                        Map.of("java.home", home.getParent().toString()));
            }
            case "annotation-processor" -> compile("-processorpath", jar.toString(), "-processor", PLUGIN);
            case "compiler-plugin" -> compile("-processorpath", jar.toString(), "-Xplugin:" + PLUGIN);
            case "doclet" ->
                ToolProvider.getSystemDocumentationTool()
                        .run(null, System.err, System.err, "-doclet", PLUGIN, "-docletpath", jar.toString(), "A.java");
            case "file-manager" -> {
                JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
                StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                files.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of(jar));
                Class.forName(PLUGIN, true, files.getClassLoader(StandardLocation.CLASS_PATH));
            }
            case "naming" -> {
                System.setProperty("com.sun.jndi.ldap.object.trustURLCodebase", "true");
                NamingManager.getObjectInstance(new Reference("x", PLUGIN, url.toString()), null, null, null);
            }
            case "mlet" -> {
                Object loader = Class.forName("javax.management.loading.MLet")
                        .getConstructor(URL[].class)
                        .newInstance((Object) new URL[] {url});
                Class.forName(PLUGIN, true, (ClassLoader) loader);
            }
            case "services" -> {
                for (Runnable service : ServiceLoader.load(Runnable.class, new URLClassLoader(new URL[] {url}))) {
                    service.run();
                }
            }
            case "zip-file-system" -> {
                try (FileSystem zip = FileSystems.newFileSystem(jar, (ClassLoader) null)) {
                    initialise(new URLClassLoader(
                            new URL[] {zip.getPath("/").toUri().toURL()}, null));
                }
            }
            case "handlers" ->
                initialise(new URLClassLoader(new URL[] {url}, null, protocol -> new URLStreamHandler() {
                    @Override
                    protected URLConnection openConnection(URL opened) throws IOException {
                        return new URL(opened.toString()).openConnection();
                    }
                }));
            default -> throw new IllegalArgumentException(way);
        }
    }

    private static void initialise(ClassLoader loader) throws ClassNotFoundException {
        Class.forName(PLUGIN, true, loader);
    }

    private static void compile(String... options) throws IOException {
        Path source = Files.createTempDirectory("source").resolve("A.java");
        Files.writeString(source, "class A {}");
        String[] words = new String[options.length + 3];
        System.arraycopy(options, 0, words, 0, options.length);
        words[options.length] = "-d";
        words[options.length + 1] = source.getParent().toString();
        words[options.length + 2] = source.toString();
        ToolProvider.getSystemJavaCompiler().run(null, System.err, System.err, words);
    }
}
