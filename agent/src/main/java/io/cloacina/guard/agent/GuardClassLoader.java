package io.cloacina.guard.agent;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * Loads the guard and its libraries from the entries of the agent jar that begin with {@value #PREFIX}. They see the JDK
 * and each other; the application does not see them, and they do not see the application.
 */
final class GuardClassLoader extends ClassLoader {

    /** Where the guard's own classes and libraries are in the agent jar. */
    static final String PREFIX = "guard/";

    /** What comes from the JDK's loaders: the JDK, and what the guard itself has put into the boot loader. */
    private static final String[] FROM_PARENT = {
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "com.sun.",
        "org.w3c.dom.",
        "org.xml.sax.",
        "org.ietf.jgss.",
        "io.cloacina.guard.agent.bootstrap.",
        "io.cloacina.guard.agent.api."
    };

    static {
        registerAsParallelCapable();
    }

    private final JarFile jar;
    private final String base;
    private final ProtectionDomain domain;

    /** @param jarFile the agent jar; it stays open as long as the JVM runs */
    GuardClassLoader(File jarFile) throws IOException {
        super("cloacina-guard", ClassLoader.getPlatformClassLoader());
        this.jar = new JarFile(jarFile, false);
        URL url = jarFile.toURI().toURL();
        this.base = "jar:" + url + "!/" + PREFIX;
        this.domain =
                new ProtectionDomain(new CodeSource(url, (java.security.cert.Certificate[]) null), null, this, null);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        for (String prefix : FROM_PARENT) {
            if (name.startsWith(prefix)) {
                return super.loadClass(name, resolve);
            }
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = findClass(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes;
        try {
            bytes = read(name.replace('.', '/') + ".class");
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length, domain);
    }

    private byte[] read(String name) throws IOException {
        ZipEntry entry = jar.getEntry(PREFIX + name);
        if (entry == null) {
            return null;
        }
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    /** Straight from the jar: no URL handler is needed, and none is left with a cached file. */
    @Override
    public InputStream getResourceAsStream(String name) {
        try {
            byte[] bytes = read(name);
            return bytes == null ? null : new ByteArrayInputStream(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("the agent jar cannot be read", e);
        }
    }

    @Override
    public URL getResource(String name) {
        return findResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) {
        return findResources(name);
    }

    @Override
    @SuppressWarnings("deprecation") // URL.of came with Java 20
    protected URL findResource(String name) {
        if (jar.getEntry(PREFIX + name) == null) {
            return null;
        }
        try {
            return new URL(base + name);
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL url = findResource(name);
        return url == null ? Collections.emptyEnumeration() : Collections.enumeration(Collections.singleton(url));
    }
}
