// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.Handover;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.config.GuardConfig.Scope;
import java.io.File;
import java.io.IOException;
import java.lang.module.ResolvedModule;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the JVM was started with: the JDK itself, and the application's own class path and modules. Read once in
 * {@code premain}, with {@code jdk.internal.loader} open to the guard.
 */
public final class Environment {

    private final GuardConfig config;
    private final Path javaHome;
    private final @Nullable ClassLoader applicationLoader = Handover.applicationLoader();
    private final Path ownJar = ownJar();
    private final StartAgents agents;
    private final Set<Object> applicationPaths = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> applicationFiles = new HashSet<>();
    private final List<Path> applicationJars = new ArrayList<>();
    private final WeakIdentityMap<WeakReference<Object>> classPathsByIndex = new WeakIdentityMap<>();
    private final @Nullable Field jarLoaderIndex;
    private volatile @Nullable StartPaths startPaths;

    /** Where the linkers of Linux look, apart from what its cache names. */
    private static final String[] LINKER_DIRECTORIES = {
        "/lib",
        "/usr/lib",
        "/lib64",
        "/usr/lib64",
        "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
        "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu"
    };

    /**
     * @param jvmArguments as they were given
     * @param classPaths those of the JDK's own loaders
     * @throws IOException if the JDK's own directory cannot be resolved
     */
    public Environment(GuardConfig config, List<String> jvmArguments, Collection<?> classPaths) throws IOException {
        this.config = config;
        this.applicationPaths.addAll(classPaths);
        this.javaHome = Path.of(System.getProperty("java.home")).toRealPath();
        try {
            this.jarLoaderIndex = fieldIfThere("jdk.internal.loader.URLClassPath$JarLoader", "lmap");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") keeps its class paths elsewhere: " + e, e);
        }
        this.agents = new StartAgents(jvmArguments, ownJar);
        findApplicationFiles();
    }

    // Its own libraries cover nothing of the application's.
    private static Path ownJar() {
        try {
            return Path.of(Environment.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the agent jar has no path", e);
        }
    }

    // Java 17 only: what META-INF/INDEX.LIST names is opened by the archive that has the index.
    private static @Nullable Field fieldIfThere(String className, String name) throws ReflectiveOperationException {
        for (Field field : Class.forName(className).getDeclaredFields()) {
            if (field.getName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    private void findApplicationFiles() {
        // To the JDK an empty element, also at the end, is the current directory.
        for (String element : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            addApplicationFile(Path.of(element).toAbsolutePath());
        }
        for (ResolvedModule module : ModuleLayer.boot().configuration().modules()) {
            URI location = module.reference().location().orElse(null);
            if (location != null && "file".equals(location.getScheme())) {
                addApplicationFile(Path.of(location));
            }
        }
    }

    // The JDK's loaders open the files of the class path by their canonical names.
    private void addApplicationFile(Path named) {
        applicationFiles.add(named.toString());
        Path file;
        try {
            file = named.toRealPath();
        } catch (IOException e) {
            // It does not exist now; if it appears, it is known by the name that it was given.
            return;
        }
        applicationFiles.add(file.toString());
        if (Files.isRegularFile(file)) {
            applicationJars.add(file);
        }
    }

    /** Whether {@code ucp} is the class path of one of the JDK's own loaders. */
    boolean isApplication(@Nullable Object ucp) {
        return ucp != null && applicationPaths.contains(ucp);
    }

    /** Whether {@code file} (absolute) was named on the command line's class path or module path. */
    boolean isApplicationFile(String file) {
        return applicationFiles.contains(file);
    }

    /**
     * Whether the command line of the JVM named {@code file} (absolute): an agent, what that has appended, or, as far
     * as the scope leaves that alone, an element of the class path or module path. It is trusted, whichever loader
     * opens it.
     */
    boolean isNamedByCommandLine(String file) {
        return agents.isNamed(Path.of(file)) || config.scope() == Scope.PLUGINS && applicationFiles.contains(file);
    }

    /** Whether the guard's own jar was started as a program: then what it brings along is the application's. */
    boolean isOwnProgram() {
        return applicationFiles.contains(ownJar.toString());
    }

    /** Whether {@code file} (absolute) is the agent jar itself. */
    boolean isOwnJar(Path file) {
        return file.equals(ownJar);
    }

    /**
     * Whether {@code file}, which the application's own loaders open, needs no signature: what the scope leaves alone.
     */
    boolean isOutOfScope(String file) {
        if (agents.isNamed(Path.of(file))) {
            return true;
        }
        StartPaths known = startPaths;
        return config.scope() == Scope.PLUGINS && (known == null || known.isOnClassPath(file));
    }

    /**
     * What the loaders of the JDK read from the start on. Found out when something is about to be added to that: from
     * then on they may not open anything else by themselves.
     */
    StartPaths startPaths() {
        StartPaths known = startPaths;
        if (known == null) {
            synchronized (this) {
                known = startPaths;
                if (known == null) {
                    known = StartPaths.find(applicationFiles, agents.others(), agents.isGuardFirst());
                    startPaths = known;
                }
            }
        }
        return known;
    }

    /** What the JVM's own command line named, so that it may cover what is extracted from it; empty if not in scope. */
    List<Path> coveringJars() {
        List<Path> jars = new ArrayList<>(agents.others());
        if (config.scope() == Scope.PLUGINS) {
            jars.addAll(applicationJars);
        }
        return jars;
    }

    /** The files and directories of the class path and module path, except agents. */
    public List<Path> applicationFiles() {
        return applicationFiles.stream()
                .map(Path::of)
                .filter(file -> Files.exists(file) && !agents.isNamed(file))
                .filter(file -> file.equals(file.normalize()) && !Files.isSymbolicLink(file))
                .toList();
    }

    /** Whether the JVM was started with agents other than the guard, which may have been at work before it. */
    public boolean hasOtherAgents() {
        return !agents.others().isEmpty();
    }

    /** The agents that the JVM was started with. */
    StartAgents agents() {
        return agents;
    }

    /** The size above which no package is copied; 0 for none. */
    long maxPackageSizeBytes() {
        return config.maxPackageSizeBytes();
    }

    /** Whether classes that are in no package are refused. */
    boolean deniesDynamicCode() {
        return config.dynamicCode() == GuardConfig.Permission.DENY;
    }

    /** Whether {@code loader} is the application loader or the platform loader of the JDK. */
    boolean isJdkLoader(@Nullable ClassLoader loader) {
        return loader == applicationLoader || loader == ClassLoader.getPlatformClassLoader();
    }

    /**
     * Whether {@code directory} (absolute) serves resources only: by the name that it was given, and by its real path.
     */
    boolean isResourceDirectory(Path directory) {
        if (config.resourceDirectories().isEmpty() || !config.isResourceDirectory(directory.normalize())) {
            return false;
        }
        try {
            return Files.isDirectory(directory) && config.isResourceDirectory(directory.toRealPath());
        } catch (IOException e) {
            // It was removed meanwhile.
            return false;
        }
    }

    /** Whether {@code library} (canonical) belongs to the operating system. */
    boolean isSystemLibrary(Path library) {
        return config.isSystemLibrary(library);
    }

    /** Whether no directory where linkers look by default has a file of that name, be it a system library or not. */
    boolean isInNoLinkerDirectory(String name) {
        for (String directory : LINKER_DIRECTORIES) {
            if (Files.exists(Path.of(directory, name))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The path of the system library with a bare name, in the directories where linkers look by default; null if none.
     */
    @Nullable
    String systemLibrary(String name) {
        for (String directory : LINKER_DIRECTORIES) {
            Path library = Path.of(directory, name);
            if (Files.isRegularFile(library) && isSystemLibrary(library)) {
                return library.toString();
            }
        }
        return null;
    }

    /**
     * Has the application's class path opened again from the start, now that copies replace its archives: those
     * before the agent's own jar were opened before the agent began.
     *
     * @throws ReflectiveOperationException if this JDK keeps them elsewhere
     */
    public void reopenClassPath() throws ReflectiveOperationException {
        Class<?> type = Class.forName("jdk.internal.loader.URLClassPath");
        for (Object ucp : applicationPaths) {
            Collection<?> path = (Collection<?>) field(type, "path").get(ucp);
            @SuppressWarnings("unchecked")
            Deque<Object> unopened = (Deque<Object>) field(type, "unopenedUrls").get(ucp);
            Collection<?> loaders = (Collection<?>) field(type, "loaders").get(ucp);
            Map<?, ?> byUrl = (Map<?, ?>) field(type, "lmap").get(ucp);
            synchronized (ucp) {
                synchronized (unopened) {
                    unopened.clear();
                    unopened.addAll(path);
                }
                loaders.clear();
                byUrl.clear();
            }
        }
    }

    private static Field field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
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
    @Nullable
    Object classPathOf(Object jarLoader) {
        Object index = index(jarLoader);
        WeakReference<Object> ucp = index == null ? null : classPathsByIndex.get(index);
        return ucp == null ? null : ucp.get();
    }

    private @Nullable Object index(Object jarLoader) {
        if (jarLoaderIndex == null) {
            return null;
        }
        // Not by reflection, which may need more stack than a deep load has left.
        return JdkInternals.get(jarLoader, jarLoaderIndex);
    }
}
