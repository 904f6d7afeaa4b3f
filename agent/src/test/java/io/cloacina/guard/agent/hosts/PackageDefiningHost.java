// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.cert.Certificate;
import java.util.jar.Manifest;
import java.util.zip.ZipFile;

/**
 * A {@code URLClassLoader} over one JAR that defines a class of another when it is asked for a package: between the moment
 * at which its class path begins to define a class and the one at which it does.
 */
public final class PackageDefiningHost {

    private PackageDefiningHost() {}

    /** {@code JAR OTHER_JAR CLASS}. */
    public static void main(String[] arguments) throws Exception {
        URL url = Path.of(arguments[0]).toUri().toURL();
        byte[] other;
        try (ZipFile zip = new ZipFile(arguments[1]);
                InputStream in = zip.getInputStream(zip.getEntry(arguments[2].replace('.', '/') + ".class"))) {
            other = in.readAllBytes();
        }
        try (Loader loader = new Loader(url, arguments[2], other)) {
            loader.loadClass("sample.Late");
            Class.forName(arguments[2], true, loader);
            System.out.println("DONE");
        } catch (Throwable e) {
            System.out.println("REFUSED " + e.getClass().getSimpleName());
        }
    }

    private static final class Loader extends URLClassLoader {
        private final URL url;
        private final String name;
        private final byte[] bytes;
        private boolean asked;

        Loader(URL url, String name, byte[] bytes) {
            super(new URL[] {url}, null);
            this.url = url;
            this.name = name;
            this.bytes = bytes;
        }

        private void define() {
            if (!asked) {
                asked = true;
                defineClass(name, bytes, 0, bytes.length, new CodeSource(url, (Certificate[]) null));
            }
        }

        @Override
        protected Package definePackage(String packageName, Manifest manifest, URL source) {
            define();
            return super.definePackage(packageName, manifest, source);
        }

        @Override
        protected Package definePackage(
                String packageName, String a, String b, String c, String d, String e, String f, URL source) {
            define();
            return super.definePackage(packageName, a, b, c, d, e, f, source);
        }

        @Override
        public void close() throws IOException {
            super.close();
        }
    }
}
