// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** A system class loader of the application's own, as {@code -Djava.system.class.loader} puts one in. */
public final class SystemLoader extends URLClassLoader {

    static {
        registerAsParallelCapable();
    }

    /** @param parent the JDK's */
    public SystemLoader(ClassLoader parent) {
        super(new URL[0], parent);
    }

    /** Called by the JVM with the path of each agent. */
    void appendToClassPathForInstrumentation(String path) throws MalformedURLException {
        addURL(Path.of(path).toUri().toURL());
    }
}
