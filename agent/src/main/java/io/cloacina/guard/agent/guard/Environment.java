package io.cloacina.guard.agent.guard;

import io.cloacina.guard.agent.bootstrap.Handover;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What the JVM was started with: the JDK itself, and the application's own class path and modules. Read once in
 * {@code premain}, with {@code jdk.internal.loader} open to the guard.
 */
public final class Environment {

    private final Path javaHome;
    private final Set<Object> applicationPaths = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> applicationFiles = new HashSet<>();
    private final List<Path> applicationJars = new ArrayList<>();
    private final WeakIdentityMap<WeakReference<Object>> classPathsByIndex = new WeakIdentityMap<>(value -> {});
    private final Field jarLoaderIndex;

    /** @throws IOException if the JDK's own folder cannot be resolved */
    public Environment() throws IOException {
        this.javaHome = Path.of(System.getProperty("java.home")).toRealPath();
        try {
            findApplicationPaths();
            this.jarLoaderIndex = fieldIfThere("jdk.internal.loader.URLClassPath$JarLoader", "lmap");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") keeps its class paths elsewhere: " + e, e);
        }
        findApplicationFiles();
    }

    // The class paths of the boot loader and of the application loader; the platform loader has none.
    private void findApplicationPaths() throws ReflectiveOperationException {
        Field ucp = Class.forName("jdk.internal.loader.BuiltinClassLoader").getDeclaredField("ucp");
        ucp.setAccessible(true);
        Method bootLoader = Class.forName("jdk.internal.loader.ClassLoaders").getDeclaredMethod("bootLoader");
        bootLoader.setAccessible(true);
        for (Object loader : new Object[] {bootLoader.invoke(null), Handover.applicationLoader()}) {
            Object path = ucp.get(loader);
            if (path != null) {
                applicationPaths.add(path);
            }
        }
    }

    // Java 17 only: what META-INF/INDEX.LIST names is opened by the archive that has the index.
    private static Field fieldIfThere(String className, String name) throws ReflectiveOperationException {
        for (Field field : Class.forName(className).getDeclaredFields()) {
            if (field.getName().equals(name)) {
                field.setAccessible(true);
                return field;
            }
        }
        return null;
    }

    private void findApplicationFiles() {
        for (String element : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
            if (!element.isEmpty()) {
                addApplicationFile(Path.of(element).toAbsolutePath());
            }
        }
        ModuleLayer.boot().configuration().modules().forEach(module -> {
            URI location = module.reference().location().orElse(null);
            if (location != null && "file".equals(location.getScheme())) {
                addApplicationFile(Path.of(location));
            }
        });
    }

    private void addApplicationFile(Path file) {
        applicationFiles.add(file.toString());
        if (Files.isRegularFile(file)) {
            applicationJars.add(file);
        }
    }

    /** Whether {@code ucp} is the class path of one of the JDK's own loaders. */
    boolean isApplication(Object ucp) {
        return ucp != null && applicationPaths.contains(ucp);
    }

    /** Whether {@code file} (absolute) was named on the command line's class path or module path. */
    boolean isApplicationFile(String file) {
        return applicationFiles.contains(file);
    }

    /** The archives of the class path and module path. */
    List<Path> applicationJars() {
        return applicationJars;
    }

    /** Whether {@code path} (canonical) belongs to the JDK. */
    boolean isJdkFile(String path) {
        return Path.of(path).startsWith(javaHome);
    }

    /** Notes which class path an archive was opened for; null if {@code jarLoader} has no index to find it by. */
    void opened(Object jarLoader, Object ucp) {
        Object index = index(jarLoader);
        if (index != null) {
            classPathsByIndex.put(index, new WeakReference<>(ucp));
        }
    }

    /** The class path that {@code jarLoader} belongs to, if another archive of it was seen; else null. */
    Object classPathOf(Object jarLoader) {
        Object index = index(jarLoader);
        WeakReference<Object> ucp = index == null ? null : classPathsByIndex.get(index);
        return ucp == null ? null : ucp.get();
    }

    private Object index(Object jarLoader) {
        if (jarLoaderIndex == null) {
            return null;
        }
        try {
            return jarLoaderIndex.get(jarLoader);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
