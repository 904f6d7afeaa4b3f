// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Does what application servers do with archives: opens them in several ways, unpacks them, and defines their classes under
 * URLs of its own. Each argument is a command, or each line of standard input where there is none; prints one line for each.
 */
public final class ContainedHost {

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static final Map<String, Loader> LOADERS = new HashMap<>();

    private ContainedHost() {}

    public static void main(String[] commands) throws Exception {
        for (String command : commands) {
            System.out.println(run(command.split(" ")));
        }
        if (commands.length == 0) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(run(line.split(" ")));
            }
        }
    }

    private static String run(String[] words) throws Exception {
        switch (words[0]) {
            case "open" -> OPEN.add(new JarFile(words[1]));
            // stream file|buffered|channel|url FILE: reads an archive as a stream, to its end
            case "stream" -> {
                try (JarInputStream in = new JarInputStream(stream(words[1], Path.of(words[2])))) {
                    while (in.getNextEntry() != null) {
                        in.closeEntry();
                    }
                }
            }
            case "mount" -> OPEN.add(FileSystems.newFileSystem(Path.of(words[1]), (ClassLoader) null));
            case "unpack" -> unpack(Path.of(words[1]), words[2], Path.of(words[3]));
            case "replace" -> Files.copy(Path.of(words[1]), Path.of(words[2]), StandardCopyOption.REPLACE_EXISTING);
            // define LOADER URL CLASS FILE ENTRY [INNER-ENTRY]
            case "define" -> {
                return Outcome.of(() -> define(words));
            }
            // find LOADER URL CLASS FILE PREFIX: as "define", by a loader that looks for the class
            case "find" -> {
                return Outcome.of(() -> find(words));
            }
            // fetch LOADER url|none CLASS FILE ENTRY: as "define", from an archive that is read over http
            case "fetch" -> {
                return Outcome.of(() -> fetch(words));
            }
            case "native" -> {
                return Outcome.of(() -> {
                    System.load(words[1]);
                    return words[1];
                });
            }
            // load CLASS ROOT...
            case "load" -> {
                return Outcome.of(() -> load(words));
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
        return "DONE";
    }

    private static InputStream stream(String way, Path file) throws IOException {
        return switch (way) {
            case "file" -> new FileInputStream(file.toFile());
            case "buffered" -> new BufferedInputStream(new FileInputStream(file.toFile()));
            case "channel" -> Files.newInputStream(file);
            case "url" -> file.toUri().toURL().openStream();
            default -> throw new IllegalArgumentException(way);
        };
    }

    private static Object define(String[] words) throws Exception {
        byte[] bytes = read(words[4], words[5], words.length > 6 ? words[6] : null);
        Loader loader = LOADERS.computeIfAbsent(words[1], name -> new Loader());
        Class<?> defined = loader.define(words[3], bytes, words[2].equals("none") ? null : url(words[2]));
        return Class.forName(defined.getName(), true, loader);
    }

    private static Object fetch(String[] words) throws Exception {
        byte[] archive = Files.readAllBytes(Path.of(words[4]));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, archive.length);
            exchange.getResponseBody().write(archive);
            exchange.close();
        });
        server.start();
        try {
            URL url = new URI("http://127.0.0.1:" + server.getAddress().getPort() + "/plugin.jar").toURL();
            Loader loader = LOADERS.computeIfAbsent(words[1], name -> new Loader());
            try (InputStream in = url.openStream()) {
                byte[] bytes = find(in, words[5]).readAllBytes();
                Class<?> defined = loader.define(words[3], bytes, words[2].equals("none") ? null : url);
                return Class.forName(defined.getName(), true, loader);
            }
        } finally {
            server.stop(0);
        }
    }

    private static Object find(String[] words) throws Exception {
        Loader loader = LOADERS.computeIfAbsent(words[1], name -> new Loader());
        loader.from = words;
        return Class.forName(words[3], true, loader);
    }

    private static Object load(String[] words) throws Exception {
        List<URL> roots = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            roots.add(Path.of(words[i]).toUri().toURL());
        }
        URLClassLoader loader = new URLClassLoader(roots.toArray(new URL[0]), null);
        OPEN.add(loader);
        return Class.forName(words[1], true, loader);
    }

    private static URL url(String text) throws IOException {
        return new URL(null, text, new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
                return null;
            }
        });
    }

    /** From memory: nothing is seen to be opened as an archive by this. */
    private static byte[] read(String file, String entry, String inner) throws IOException {
        try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(Path.of(file)))) {
            ZipInputStream zip = find(in, entry);
            return (inner == null ? zip : find(zip, inner)).readAllBytes();
        }
    }

    private static ZipInputStream find(InputStream in, String name) throws IOException {
        ZipInputStream zip = new ZipInputStream(in);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (entry.getName().equals(name)) {
                return zip;
            }
        }
        throw new IOException("no entry " + name);
    }

    private static void unpack(Path archive, String prefix, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (entry.getName().startsWith(prefix) && !entry.isDirectory()) {
                    Path file = entry.getName().equals(prefix)
                            ? target
                            : target.resolve(entry.getName().substring(prefix.length()));
                    Files.createDirectories(file.getParent());
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
    }

    private static final class Loader extends ClassLoader {
        private String[] from;

        Loader() {
            super(null);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                String prefix = from.length > 5 ? from[5] : "";
                return define(name, read(from[4], prefix + name.replace('.', '/') + ".class", null), url(from[2]));
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        Class<?> define(String name, byte[] bytes, URL url) {
            ProtectionDomain domain = url == null
                    ? null
                    : new ProtectionDomain(new CodeSource(url, (Certificate[]) null), null, this, null);
            return defineClass(name, bytes, 0, bytes.length, domain);
        }
    }
}
