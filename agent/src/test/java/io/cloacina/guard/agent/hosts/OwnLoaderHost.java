// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.SecureClassLoader;
import java.security.cert.Certificate;
import java.util.zip.ZipFile;

/** A host with a class loader that opens archives itself, as JBoss Modules or Ant have one. */
public final class OwnLoaderHost {

    private OwnLoaderHost() {}

    /**
     * {@code array|direct|heap READ_FROM CLAIMED|none|CLAIMED-URL CLASS [THEN_READ_FROM]}: initialises the class; then
     * defines it again with the same loader and origin.
     */
    public static void main(String[] arguments) throws Exception {
        Loader loader = new Loader(arguments[0], Path.of(arguments[1]), arguments[2]);
        try {
            Class.forName(arguments[3], true, loader);
            System.out.println("LOADED");
            if (arguments.length > 4) {
                loader.jar = Path.of(arguments[4]);
                loader.findClass(arguments[3]);
                System.out.println("LOADED");
            }
        } catch (Throwable e) {
            System.out.println("REFUSED " + e.getClass().getSimpleName() + " " + Outcome.detail(e));
        }
    }

    private static final class Loader extends SecureClassLoader {
        private final String way;
        private Path jar;
        private final ProtectionDomain domain;

        Loader(String way, Path jar, String claimed) throws Exception {
            super(null);
            this.way = way;
            this.jar = jar;
            URL url = claimed.equals("none")
                    ? null
                    : claimed.contains(":/")
                            ? new java.net.URI(claimed).toURL()
                            : Path.of(claimed).toUri().toURL();
            this.domain = url == null
                    ? null
                    : new ProtectionDomain(new CodeSource(url, (Certificate[]) null), null, this, null);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes;
            try (ZipFile zip = new ZipFile(jar.toFile());
                    InputStream in = zip.getInputStream(zip.getEntry(name.replace('.', '/') + ".class"))) {
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
            return switch (way) {
                case "array" -> defineClass(name, bytes, 0, bytes.length, domain);
                case "unnamed" -> defineClass(null, bytes, 0, bytes.length, domain);
                case "heap" -> defineClass(name, ByteBuffer.wrap(bytes), domain);
                case "direct" -> {
                    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
                    direct.put(bytes).flip();
                    yield defineClass(name, direct, domain);
                }
                default -> throw new IllegalArgumentException(way);
            };
        }
    }
}
