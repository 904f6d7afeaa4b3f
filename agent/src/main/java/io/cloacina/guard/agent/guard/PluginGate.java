package io.cloacina.guard.agent.guard;

import io.cloacina.guard.Admission;
import io.cloacina.guard.Guard;
import io.cloacina.guard.Load;
import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers the hooks. */
public final class PluginGate implements Gate, AutoCloseable {

    /**
     * What the current thread is opening.
     *
     * @param ucp the class path that asks; null where it is not known
     * @param application whether it is the application's own, which the scope leaves alone
     * @param opening what the next archive to be opened is the root of: a URL, or a module's path; null where none is
     * @param module whether {@code opening} is a named module's archive
     */
    private record Context(Object ucp, boolean application, String opening, boolean module) {}

    /** A folder that keeps alive what the life of its copy hangs on. */
    private static final class BoundFolder extends File {
        private static final long serialVersionUID = 1L;

        private final transient Path bound;

        BoundFolder(Path bound) {
            super(bound.toString());
            this.bound = bound;
        }

        @Override
        public Path toPath() {
            return bound;
        }
    }

    /** Stands for "there was no context before", as the woven code hands a value from entry to exit. */
    private static final Object NONE = new Object();

    private final Guard guard;
    private final Environment environment;
    private final Pins pins;
    private final Trial trial;
    private final Natives natives;
    private final LoaderPackages packages;
    private final ClassLoader own = PluginGate.class.getClassLoader();

    private final ThreadLocal<Context> context = new ThreadLocal<>();
    private final ThreadLocal<ClassLoader> defining = new ThreadLocal<>();
    private final WeakIdentityMap<WeakReference<ClassLoader>> loaders = new WeakIdentityMap<>(value -> {});
    private final WeakIdentityMap<List<PackageRefusedException>> refusals = new WeakIdentityMap<>(value -> {});
    private final ConcurrentHashMap<Class<?>, Boolean> boundResources = new ConcurrentHashMap<>();
    private final WeakIdentityMap<Pins.Pin> folders;

    /**
     * @param guard decides
     * @param pinDirectory where copies are made; null for {@code java.io.tmpdir}
     * @throws IOException if copies cannot be made there
     */
    public PluginGate(Guard guard, Environment environment, Path pinDirectory) throws IOException {
        this.guard = guard;
        this.environment = environment;
        this.pins = new Pins(pinDirectory);
        this.trial = new Trial(Files.createDirectory(pins.folder().resolve("trial")));
        this.folders = new WeakIdentityMap<>(pins::drop);
        this.natives = new Natives(pins, environment.applicationJars());
        this.packages = new LoaderPackages(guard, environment, pins, trial);
    }

    /** A folder that only this process writes to, and that goes when the JVM ends. */
    public Path folder() {
        return pins.folder();
    }

    /** The start-up check's part. */
    public Trial trial() {
        return trial;
    }

    // --- class paths ---

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        loaders.put(ucp, new WeakReference<>(loader));
        trial.note("url-class-loader");
    }

    @Override
    public Object rootOpening(Object ucp, URL url) {
        return enter(new Context(ucp, environment.isApplication(ucp), null, false));
    }

    @Override
    public void rootOpened(Object before) {
        leave(before);
    }

    @Override
    public Object jarOpening(Object jarLoader, URL url) {
        Context outer = context.get();
        Object ucp;
        if (outer == null || outer.ucp() == null) {
            // Java 17 opens what META-INF/INDEX.LIST names without passing by the class path.
            ucp = environment.classPathOf(jarLoader);
        } else {
            ucp = outer.ucp();
            environment.opened(jarLoader, ucp);
        }
        return enter(new Context(ucp, environment.isApplication(ucp), url.toExternalForm(), false));
    }

    @Override
    public void jarOpened(Object before) {
        leave(before);
    }

    private Object enter(Context inner) {
        Context outer = context.get();
        context.set(inner);
        return outer == null ? NONE : outer;
    }

    private void leave(Object before) {
        if (before == NONE) {
            context.remove();
        } else {
            context.set((Context) before);
        }
    }

    @Override
    public File zipOpening(File file) throws IOException {
        Context current = context.get();
        if (current == null || current.opening() == null) {
            Pins.Pin pin = pins.standingFor(file);
            return pin == null ? file : pin.file();
        }
        if (current.application()) {
            return file;
        }
        // Whatever else is opened on the way from here on is not the root.
        context.set(new Context(current.ucp(), false, null, current.module()));
        boolean local = current.module() || current.opening().startsWith("file:");
        if (local && !file.exists()) {
            // Nothing is loaded; the caller hears so from the JDK itself.
            return file;
        }
        String hook = current.module() ? "module-jar" : "class-path-jar";
        ClassLoader loader = loaderOf(current.ucp());
        Load load = local
                ? Load.ofFile(Load.Kind.JAR, file.toPath(), hook, describe(loader))
                : Load.ofUrl(Load.Kind.JAR, file.toPath(), current.opening(), hook, describe(loader));
        try {
            Pins.Pin pin = pin(load, pins.newCopy(file.getName()), file.getAbsolutePath());
            if (pin == null) {
                return file;
            }
            if (loader != null) {
                packages.opened(loader, pin);
            }
            return pin.file();
        } catch (PackageRefusedException refused) {
            if (current.module()) {
                throw refused;
            }
            remember(current.ucp(), refused);
            throw new IOException(refused.getMessage(), refused);
        }
    }

    /**
     * Has a file or folder decided on, and keeps the copy that was made of it.
     *
     * @return null if it may load without a copy
     */
    private Pins.Pin pin(Load load, Path copy, String original) {
        Admission admission = admit(load, copy);
        if (!(admission instanceof Admission.Allowed allowed) || !allowed.copied()) {
            pins.delete(copy);
            demand(load, admission);
            return null;
        }
        Pins.Pin pin = new Pins.Pin(original, copy, allowed.packageHash(), allowed.signer());
        pins.add(pin);
        return pin;
    }

    private Admission admit(Load load, Path copy) {
        if (!trial.concerns(load.packagePath())) {
            return load.kind() == Load.Kind.NATIVE
                    ? guard.admit(load, copy, natives::coverOf)
                    : guard.admit(load, copy);
        }
        if (!trial.allows(load.packagePath())) {
            throw trial.refuse(load.hook(), load.packagePath());
        }
        try {
            return new Admission.Allowed(true, PackageSnapshot.copy(load.file(), copy), null);
        } catch (UnreadablePackageException e) {
            throw new IllegalStateException("the start-up check cannot make a copy: " + e.getMessage(), e);
        }
    }

    static void demand(Load load, Admission admission) {
        if (admission instanceof Admission.Denied denied) {
            throw new PackageRefusedException(
                    denied.message(), load.packagePath(), denied.reason().code());
        }
    }

    @Override
    public void zipOpened(File file, Object source) {
        if (source == null) {
            pins.notOpened(file);
        } else {
            pins.opened(file, source);
        }
    }

    @Override
    public void zipClosed(Object source) {
        if (pins.closed(source)) {
            trial.note("zip-close");
        }
    }

    @Override
    public File folderOpened(File folder) throws IOException {
        Context current = context.get();
        if (current != null && current.application()) {
            return folder;
        }
        Object ucp = current == null ? null : current.ucp();
        try {
            Path bound = bind(folder.toPath(), "class-path-folder", loaderOf(ucp));
            return bound == null ? folder : new BoundFolder(bound);
        } catch (PackageRefusedException refused) {
            remember(ucp, refused);
            throw new IOException(refused.getMessage(), refused);
        }
    }

    /**
     * The folder to read from instead of {@code folder}; null if that may be read itself. The copy goes some time after
     * the path that is returned was collected: there is no call that tells when a folder is no longer read.
     */
    private Path bind(Path folder, String hook, ClassLoader loader) {
        if (guard.isEnforcing() && !Files.exists(folder)) {
            // What may appear there later was not verified: it is as if it stayed away.
            return pins.folder().resolve("absent");
        }
        Load load = Load.ofFile(Load.Kind.DIRECTORY, folder, hook, describe(loader));
        Pins.Pin pin = pin(load, pins.newCopy(String.valueOf(folder.getFileName())), folder.toString());
        if (pin == null) {
            return null;
        }
        if (loader != null) {
            packages.opened(loader, pin);
        }
        Path bound = Path.of(pin.copy().toString());
        folders.put(bound, pin);
        return bound;
    }

    // --- modules ---

    @Override
    public Object moduleJarOpening(String path) {
        Path absolute = Path.of(path).toAbsolutePath();
        return enter(new Context(null, environment.isApplicationFile(absolute.toString()), path, true));
    }

    @Override
    public void moduleJarOpened(Object before) {
        leave(before);
    }

    @Override
    public Path moduleFolderOpened(Path folder) {
        Path absolute = folder.toAbsolutePath();
        if (environment.isApplicationFile(absolute.toString())) {
            return folder;
        }
        Path bound = bind(absolute, "module-folder", null);
        return bound == null ? folder : bound;
    }

    // --- what a URLClassLoader does not find ---

    private void remember(Object ucp, PackageRefusedException refused) {
        if (ucp != null) {
            refusals.getOrMake(ucp, CopyOnWriteArrayList::new).add(refused);
        }
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        List<PackageRefusedException> refused = refusals.get(ucp);
        if (refused != null) {
            refused.forEach(notFound::addSuppressed);
        }
    }

    // --- class definition ---

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        if (boundResources.computeIfAbsent(resource.getClass(), PluginGate::isBound)) {
            defining.set(loader);
            trial.note("define-resource");
        }
    }

    // Resources of archives and folders were read from verified copies; those of other roots come from anywhere.
    private static boolean isBound(Class<?> resource) {
        Class<?> loader = resource.getEnclosingClass();
        return loader != null
                && (loader.getName().equals("jdk.internal.loader.URLClassPath$JarLoader")
                        || loader.getName().equals("jdk.internal.loader.URLClassPath$FileLoader"));
    }

    @Override
    public void resourceDefined() {
        defining.remove();
    }

    /** Whether {@code loader} defines what its own class path has just read; true once for each such class. */
    private boolean isBoundDefinition(ClassLoader loader) {
        if (defining.get() != loader) {
            return false;
        }
        defining.remove();
        return true;
    }

    @Override
    public byte[] classDefining(
            ClassLoader loader, String name, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        if (loader == own || isBoundDefinition(loader)) {
            return null;
        }
        if (bytes == null || offset < 0 || length < 0 || length > bytes.length - offset) {
            // The JDK's own check answers.
            return null;
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        return define(loader, name, copy, domain, "define-class");
    }

    @Override
    public ByteBuffer classDefining(ClassLoader loader, String name, ByteBuffer bytes, ProtectionDomain domain) {
        // One that is not direct comes by again as an array.
        if (loader == own || bytes == null || !bytes.isDirect() || isBoundDefinition(loader)) {
            return null;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        byte[] checked = define(loader, name, copy, domain, "define-class-buffer");
        if (checked == null) {
            return null;
        }
        defining.set(loader);
        return ByteBuffer.wrap(checked);
    }

    private byte[] define(ClassLoader loader, String name, byte[] bytes, ProtectionDomain domain, String hook) {
        CodeSource source = domain == null ? null : domain.getCodeSource();
        URL location = source == null ? null : source.getLocation();
        String className = name == null ? ClassName.of(bytes) : name;
        if (location == null) {
            Load load = new Load(Load.Kind.CLASS, null, null, className, hook, describe(loader));
            demand(load, guard.dynamicCode(load, "class " + className));
            return null;
        }
        Origin origin = Origin.of(location);
        return origin == null ? null : packages.check(loader, className, bytes, origin, hook);
    }

    // --- native libraries ---

    @Override
    public String libraryLoading(Class<?> caller, String path, boolean builtIn) {
        ClassLoader loader = caller == null ? null : caller.getClassLoader();
        if (builtIn || loader == own || environment.isJdkFile(path)) {
            return path;
        }
        Load load = Load.ofFile(Load.Kind.NATIVE, Path.of(path), "native-library", describe(loader));
        try {
            return natives.admit(load, loader, copy -> admit(load, copy));
        } catch (PackageRefusedException refused) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(refused.getMessage());
            error.initCause(refused);
            throw error;
        }
    }

    // --- the rest ---

    private ClassLoader loaderOf(Object ucp) {
        WeakReference<ClassLoader> loader = ucp == null ? null : loaders.get(ucp);
        return loader == null ? null : loader.get();
    }

    /** Names a loader without asking it: its own methods are the application's code. Null for null. */
    static String describe(ClassLoader loader) {
        return loader == null
                ? null
                : loader.getClass().getName() + "@" + Integer.toHexString(System.identityHashCode(loader));
    }

    /** Removes all copies. */
    @Override
    public void close() throws IOException {
        pins.close();
    }
}
