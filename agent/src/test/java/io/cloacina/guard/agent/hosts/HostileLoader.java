// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;

/** Asks a parent of its own first, as loaders of plugin hosts do. */
final class HostileLoader extends URLClassLoader {
    HostileLoader(URL root, ClassLoader parent) {
        super(new URL[] {root}, parent);
    }

    @Override
    public String getName() {
        Onlooker.look("ClassLoader.getName");
        return super.getName();
    }

    @Override
    public URL[] getURLs() {
        Onlooker.look("URLClassLoader.getURLs");
        return super.getURLs();
    }

    @Override
    public URL getResource(String name) {
        Onlooker.look("ClassLoader.getResource");
        return super.getResource(name);
    }

    @Override
    public URL findResource(String name) {
        Onlooker.look("ClassLoader.findResource");
        return super.findResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        Onlooker.look("ClassLoader.getResources");
        return super.getResources(name);
    }

    @Override
    public InputStream getResourceAsStream(String name) {
        Onlooker.look("ClassLoader.getResourceAsStream");
        return super.getResourceAsStream(name);
    }

    @Override
    public Class<?> loadClass(String name) throws ClassNotFoundException {
        Onlooker.look("ClassLoader.loadClass");
        return super.loadClass(name);
    }

    @Override
    protected String findLibrary(String name) {
        Onlooker.look("ClassLoader.findLibrary");
        return super.findLibrary(name);
    }

    @Override
    protected Object getClassLoadingLock(String name) {
        Onlooker.look("ClassLoader.getClassLoadingLock");
        return super.getClassLoadingLock(name);
    }

    @Override
    public int hashCode() {
        Onlooker.look("ClassLoader.hashCode");
        return 1;
    }

    @Override
    public boolean equals(Object other) {
        Onlooker.look("ClassLoader.equals");
        return other instanceof HostileLoader;
    }

    @Override
    public String toString() {
        Onlooker.look("ClassLoader.toString");
        return "hostile";
    }
}
