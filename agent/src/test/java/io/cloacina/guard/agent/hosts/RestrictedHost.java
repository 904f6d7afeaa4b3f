// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Set;
import java.util.jar.JarFile;

/** Loads packages in every way under a {@code SecurityManager}, with hardly a permission. */
public final class RestrictedHost {

    private RestrictedHost() {}

    private static final class OwnLoader extends ClassLoader {
        Class<?> define(byte[] bytes, URL from) {
            ProtectionDomain domain = new ProtectionDomain(new CodeSource(from, (Certificate[]) null), null);
            return defineClass(null, bytes, 0, bytes.length, domain);
        }
    }

    /**
     * {@code set|given FOLDER NAME…}: {@code NAME.jar}, the directory {@code NAME}, the module {@code plugin} in
     * {@code NAME-module.jar} and {@code libNAME.so} of each.
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("set")) {
            Object manager =
                    Class.forName("java.lang.SecurityManager").getConstructor().newInstance();
            Method set = System.class.getMethod("setSecurityManager", manager.getClass());
            set.invoke(null, manager);
        }
        try {
            System.out.println("unrestricted: " + System.getProperty("user.home"));
        } catch (SecurityException e) {
            System.out.println("restricted");
        }
        String folder = arguments[1] + "/";
        for (int i = 2; i < arguments.length; i++) {
            String name = arguments[i];
            URL jar = new URL("file:" + folder + name + ".jar");
            Outcome.print(name + " jar", () -> open(jar));
            Outcome.print(name + " directory", () -> open(new URL("file:" + folder + name + "/")));
            Outcome.print(name + " own loader", () -> {
                try (JarFile file = new JarFile(jar.getPath())) {
                    byte[] bytes = file.getInputStream(file.getEntry("sample/Plugin.class"))
                            .readAllBytes();
                    return new OwnLoader().define(bytes, jar);
                }
            });
            Path module = Path.of(folder + name + "-module.jar");
            if (Files.exists(module)) {
                Outcome.print(name + " module", () -> layer(module));
            }
            Path library = Path.of(folder + "lib" + name + ".so");
            if (Files.exists(library)) {
                Outcome.print(name + " library", () -> {
                    System.load(library.toString());
                    return null;
                });
            }
        }
    }

    private static Class<?> open(URL url) throws Exception {
        return Class.forName("sample.Plugin", false, new URLClassLoader(new URL[] {url}, null));
    }

    private static Class<?> layer(Path jar) throws ClassNotFoundException {
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration =
                boot.configuration().resolve(ModuleFinder.of(jar), ModuleFinder.of(), Set.of("plugin"));
        ClassLoader loader =
                boot.defineModulesWithOneLoader(configuration, null).findLoader("plugin");
        return Class.forName("sample.Plugin", false, loader);
    }
}
