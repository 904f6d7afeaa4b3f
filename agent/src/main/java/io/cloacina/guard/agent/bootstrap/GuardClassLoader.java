// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.security.AllPermission;
import java.security.CodeSource;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Loads the guard and its libraries from the {@link GuardPack}. They see the JDK and each other; the application does not
 * see them, and they do not see the application.
 */
public final class GuardClassLoader extends ClassLoader {

    /** What comes from the JDK's loaders: the JDK, and what the guard itself has put into the boot loader. */
    private static final String[] FROM_PARENT = {
        "java.", "javax.", "jdk.", "sun.", "com.sun.", "org.w3c.dom.", "org.xml.sax.", "org.ietf.jgss."
    };

    /** What the loader of this class has: the boot loader, where the guard is an agent. */
    private static final String[] FROM_OWN_LOADER = {
        "io.cloacina.guard.agent.bootstrap.", "io.cloacina.guard.agent.api."
    };

    private static final String MODULE_FILE = "MODULE";

    static {
        registerAsParallelCapable();
    }

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final GuardPack pack;
    private final ProtectionDomain domain;

    /** @param jarFile the agent jar; it stays open as long as the JVM runs */
    public GuardClassLoader(File jarFile) throws IOException {
        super("cloacina-guard", ClassLoader.getPlatformClassLoader());
        this.pack = new GuardPack(jarFile);
        URL url = jarFile.toURI().toURL();
        Permissions all = new Permissions();
        all.add(new AllPermission());
        this.domain = new ProtectionDomain(new CodeSource(url, (Certificate[]) null), all, this, null);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("java.") && !name.startsWith("java.sql.")) {
            // Most are the boot loader's: asked at once, not through two loaders and their locks.
            try {
                return Class.forName(name, false, null);
            } catch (ClassNotFoundException e) {
                return super.loadClass(name, resolve);
            }
        }
        for (String prefix : FROM_PARENT) {
            if (name.startsWith(prefix)) {
                return super.loadClass(name, resolve);
            }
        }
        for (String prefix : FROM_OWN_LOADER) {
            if (name.startsWith(prefix)) {
                return Class.forName(name, false, GuardClassLoader.class.getClassLoader());
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
            bytes = pack.read(name.replace('.', '/') + ".class");
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length, domain);
    }

    @Override
    protected @Nullable Class<?> findClass(String moduleName, String name) {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    /** For {@code Class.getResource}, which gives class files to everyone who has a class. */
    @Override
    protected @Nullable URL findResource(String moduleName, String name) {
        return name.endsWith(".class") ? null : findResource(name);
    }

    /**
     * What the guard's module has, a line each: {@code package NAME}, or {@code service NAME PROVIDER…}.
     *
     * @throws IOException if the agent jar cannot be read
     */
    public String[] moduleLines() throws IOException {
        byte[] lines = pack.read(MODULE_FILE);
        if (lines == null) {
            throw new IOException("the agent jar lacks [" + MODULE_FILE + "]");
        }
        return new String(lines, StandardCharsets.UTF_8).split("\n");
    }

    /**
     * A file of the pack, for the guard itself.
     *
     * @return null if there is none of this name
     */
    public byte @Nullable [] read(String name) {
        try {
            return pack.read(name);
        } catch (IOException e) {
            throw new IllegalStateException("the agent jar cannot be read", e);
        }
    }

    /**
     * Whether the caller of the method that asks may see resources: what an application finds on the stack, and asks for its
     * loader, finds nothing here. As a program the guard has no application around it.
     */
    private boolean isForOwn(Class<?> caller) {
        return GuardClassLoader.class.getClassLoader() != null || caller.getClassLoader() == this;
    }

    /** Straight from the pack: no URL handler is needed. */
    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        byte[] bytes = isForOwn(CALLERS.getCallerClass()) ? read(name) : null;
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }

    @Override
    public @Nullable URL getResource(String name) {
        return isForOwn(CALLERS.getCallerClass()) ? findResource(name) : null;
    }

    @Override
    public Enumeration<URL> getResources(String name) {
        return isForOwn(CALLERS.getCallerClass()) ? findResources(name) : Collections.emptyEnumeration();
    }

    @Override
    @SuppressWarnings("deprecation") // URL.of came with Java 20
    protected @Nullable URL findResource(String name) {
        if (!pack.has(name)) {
            return null;
        }
        try {
            return new URL("cloacina-guard", null, -1, "/" + name, new PackHandler(pack));
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL url = findResource(name);
        return url == null ? Collections.emptyEnumeration() : Collections.enumeration(Collections.singleton(url));
    }

    /** Opens the URLs that {@link #findResource} makes; no other URL leads into the pack. */
    private static final class PackHandler extends URLStreamHandler {
        private final GuardPack pack;

        PackHandler(GuardPack pack) {
            this.pack = pack;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {
                    // There is nothing to connect to.
                }

                @Override
                public InputStream getInputStream() throws IOException {
                    byte[] bytes = pack.read(url.getPath().substring(1));
                    if (bytes == null) {
                        throw new FileNotFoundException(url.toString());
                    }
                    return new ByteArrayInputStream(bytes);
                }
            };
        }
    }
}
