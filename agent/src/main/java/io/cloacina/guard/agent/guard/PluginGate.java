package io.cloacina.guard.agent.guard;

import io.cloacina.guard.Admission;
import io.cloacina.guard.Guard;
import io.cloacina.guard.Load;
import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassDefinition;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.JarFile;

/** Answers the hooks. */
public final class PluginGate implements Gate, AutoCloseable {

    /**
     * What the current thread is opening.
     *
     * @param ucp the class path that asks; null where it is not known
     * @param application whether it is the application's own, which the scope leaves alone
     * @param opening what the next archive to be opened is the root of: a URL, or a module's path; null where none is
     * @param module whether {@code opening} is a named module's archive
     * @param download the root that comes from elsewhere and was verified; null where there is none
     */
    private record Context(Object ucp, boolean application, String opening, boolean module, Download download) {}

    /**
     * A root that is no local file.
     *
     * @param url as the host gave it
     * @param pin the copy that was opened instead
     * @param last the name of the archive that was opened last on the way to it: the JDK opens the archive around a nested
     *     one first, then the nested one
     */
    private record Download(String url, Pins.Pin pin, String last) {}

    /** A refusal, without the exception that told of it: the stack of that would keep the classes on it alive. */
    private record Refused(String message, String packagePath, String reason) {
        static Refused of(PackageRefusedException refused) {
            return new Refused(refused.getMessage(), refused.packagePath(), refused.reason());
        }

        PackageRefusedException toException() {
            return new PackageRefusedException(message, packagePath, reason);
        }
    }

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

    /** What the current thread is at, for the hooks that come next on the same way. */
    private static final class Doing {
        private Context context;

        // What a URLClassLoader is defining from its own class path: verified if the bytes come from a verified copy,
        // or
        // else still to be compared with one.
        private ClassLoader loader;
        private boolean verified;
        private byte[] bytes;

        private Object judged;

        void defines(ClassLoader definer, boolean fromCopy, byte[] read) {
            loader = definer;
            verified = fromCopy;
            bytes = read;
        }

        void definesNothing() {
            loader = null;
            bytes = null;
        }
    }

    /** Stands for "there was no context before", as the woven code hands a value from entry to exit. */
    private static final Object NONE = new Object();

    /** Stands for the boot loader among the loaders for which a class was judged. */
    private static final Object JUDGED_BOOT = new Object();

    private final Guard guard;
    private final Environment environment;
    private final Pins pins;
    private final Trial trial;
    private final Natives natives;
    private final LoaderPackages packages;
    private final AgentJars agents;
    private final ClassLoader own = PluginGate.class.getClassLoader();

    /** One object for each thread that ever passed a hook, empty between two loads. */
    private final ThreadLocal<Doing> doing = new ThreadLocal<>();

    private final WeakIdentityMap<WeakReference<ClassLoader>> loaders = new WeakIdentityMap<>();
    private final WeakIdentityMap<PackageHash> downloads = new WeakIdentityMap<>();
    private final WeakIdentityMap<List<Refused>> refusals = new WeakIdentityMap<>();
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
        this.trial = new Trial(pins.folder().resolve("trial"));
        this.folders = new WeakIdentityMap<>() {
            @Override
            void whenCollected(Pins.Pin pin) {
                pins.drop(pin);
            }
        };
        this.natives = new Natives(pins, environment.coveringJars());
        this.agents = new AgentJars(environment, pins, this);
        this.packages = new LoaderPackages(environment, pins, this);
    }

    /** A folder that only this process writes to, and that goes when the JVM ends. */
    public Path folder() {
        return pins.folder();
    }

    /**
     * Makes that folder known as this JVM's, and removes those of JVMs that were killed.
     *
     * @throws IOException if that cannot be done
     */
    public void claimFolder() throws IOException {
        pins.claim();
    }

    /** Whether that folder is on a file system from which no library can be loaded. */
    public boolean forbidsExecution() {
        return pins.forbidsExecution();
    }

    /** Whether what does not verify is refused, not just recorded. */
    public boolean isEnforcing() {
        return guard.isEnforcing();
    }

    /** What decides; where signatures are required, not before it is proved that it is always asked. */
    Guard guard() {
        if (!trial.awaitEnd() && guard.isEnforcing()) {
            throw new PackageRefusedException(
                    "cloacina-guard cannot decide: its start-up check does not end",
                    null,
                    Refusal.INTERNAL_ERROR.code());
        }
        return guard;
    }

    /**
     * At the first instruction of a load: whoever is the first to load something may have little stack left, and then no
     * class of the guard's must be initialised here that the proof has not initialised before.
     */
    private void awaitProof() {
        guard();
    }

    /** The start-up check's part. */
    public Trial trial() {
        return trial;
    }

    // --- class paths ---

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        awaitProof();
        loaders.put(ucp, new WeakReference<>(loader));
        trial.note("url-class-loader");
    }

    @Override
    public Object rootOpening(Object ucp, URL url) {
        return enter(new Context(ucp, environment.isApplication(ucp), null, false, null));
    }

    @Override
    public void rootOpened(Object before) {
        leave(before);
    }

    @Override
    public Object jarOpening(Object jarLoader, URL url) {
        Context outer = doing().context;
        Object ucp;
        if (outer == null || outer.ucp() == null) {
            // Java 17 opens what META-INF/INDEX.LIST names without passing by the class path.
            ucp = environment.classPathOf(jarLoader);
        } else {
            ucp = outer.ucp();
            environment.opened(jarLoader, ucp);
        }
        return enter(new Context(ucp, environment.isApplication(ucp), Origin.text(url), false, null));
    }

    @Override
    public void jarOpened(Object before, JarFile jar) throws IOException {
        Context current = doing().context;
        leave(before);
        if (jar == null || current == null || current.application()) {
            return;
        }
        Download download = current.download();
        if (download == null && current.opening() == null) {
            return;
        }
        String url = download == null ? current.opening() : download.url();
        if (jar.getClass().getClassLoader() != null
                || download != null && !jar.getName().equals(download.last())) {
            // What a handler of the host's own gives back may read anything, whatever it has opened before.
            refuseRoot(current.ucp(), url, "it is not read from the archive that was opened for it");
        } else if (download != null) {
            downloads.put(jar, download.pin().hash());
        } else {
            cached(current, jar);
        }
    }

    private void refuseRoot(Object ucp, String url, String error) throws IOException {
        Load load = new Load(Load.Kind.JAR, null, null, url, "class-path-jar", describe(loaderOf(ucp)));
        try {
            demand(load, guard().refuse(load, Refusal.UNREADABLE_PACKAGE, null, error));
        } catch (PackageRefusedException refused) {
            remember(ucp, refused);
            throw new IOException(refused.getMessage(), refused);
        }
    }

    /** Opened without java.util.zip: it came out of the cache of some connection. What was verified is asked for anew. */
    private void cached(Context current, JarFile jar) throws IOException {
        Load load = new Load(
                Load.Kind.JAR, null, null, current.opening(), "class-path-jar", describe(loaderOf(current.ucp())));
        PackageHash hash = downloads.get(jar);
        try {
            demand(
                    load,
                    hash != null
                            ? guard().admit(load, hash)
                            : guard().refuse(
                                            load,
                                            Refusal.UNREADABLE_PACKAGE,
                                            null,
                                            "it was open already through a cached connection, and cannot be verified any more"));
        } catch (PackageRefusedException refused) {
            remember(current.ucp(), refused);
            throw new IOException(refused.getMessage(), refused);
        }
    }

    private Object enter(Context inner) {
        Context outer = doing().context;
        doing().context = inner;
        return outer == null ? NONE : outer;
    }

    private void leave(Object before) {
        if (before == NONE) {
            doing().context = null;
        } else {
            doing().context = (Context) before;
        }
    }

    @Override
    public File zipOpening(File file, boolean toDelete) throws IOException {
        Context current = doing().context;
        if (current != null && current.download() != null) {
            return zipOpeningWithin(current, file, toDelete);
        }
        if (current == null || current.opening() == null) {
            Pins.Pin pin = pins.hold(file);
            if (pin == null) {
                return file;
            }
            Pins.Pin newer = current == null ? judgedAnew(file, pin) : null;
            if (newer == null) {
                return pin.file();
            }
            pins.drop(pin);
            return newer.file();
        }
        if (current.application()) {
            Pins.Pin pin = pins.hold(file);
            if (pin != null) {
                return pin.file();
            }
            if (environment.isOutOfScope(file.getAbsolutePath())) {
                return file;
            }
        }
        // Whatever else is opened on the way from here on is not the root.
        doing().context = new Context(current.ucp(), false, null, current.module(), null);
        boolean local = current.module() || current.opening().startsWith("file:");
        if (local && !file.exists()) {
            // As the JDK would say it, but without a second look: something else may be there by then.
            throw new NoSuchFileException(file.getPath());
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
            if (!local) {
                doing().context = new Context(
                        current.ucp(), false, null, false, new Download(current.opening(), pin, file.getPath()));
            }
            deleteDownload(file, toDelete);
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
     * What a host sees that opens a package by itself after it was replaced, as one does that loads a new version while
     * loaders of the old one are still there: the new version, if that verifies. Connections, by which loaders read their
     * resources, keep to what stands for the file.
     *
     * @return null if the copy that stands for the file is to be opened
     */
    private Pins.Pin judgedAnew(File file, Pins.Pin pin) {
        if (pin.state() == null || file.getPath().equals(pin.copy().toString())) {
            return null;
        }
        String state = Pins.stateOf(file.toPath());
        if (state == null || state.equals(pin.state()) || Callers.isJarConnection()) {
            return null;
        }
        Load load = Load.ofFile(Load.Kind.JAR, file.toPath(), "zip-open", null);
        try {
            return pin(load, pins.newCopy(file.getName()), file.getAbsolutePath());
        } catch (PackageRefusedException refused) {
            // It is on record, and what was verified before goes on to stand for the file.
            return null;
        }
    }

    /** Another archive on the way to one from elsewhere: inside the one before, or it needs a signature of its own. */
    private File zipOpeningWithin(Context current, File file, boolean toDelete) throws IOException {
        Download download = current.download();
        Load load = Load.ofUrl(
                Load.Kind.JAR, file.toPath(), download.url(), "class-path-jar", describe(loaderOf(current.ucp())));
        Path copy = pins.newCopy(file.getName());
        try {
            Pins.Pin pin = pin(load, copy, file.getAbsolutePath(), null, guard().admit(load, copy, natives));
            if (pin == null) {
                return file;
            }
            doing().context = new Context(
                    current.ucp(), false, null, false, new Download(download.url(), download.pin(), file.getPath()));
            deleteDownload(file, toDelete);
            return pin.file();
        } catch (PackageRefusedException refused) {
            remember(current.ucp(), refused);
            throw new IOException(refused.getMessage(), refused);
        }
    }

    // A download that the JDK deletes by opening it; it opens the copy instead.
    private static void deleteDownload(File file, boolean toDelete) {
        if (toDelete && !file.delete()) {
            file.deleteOnExit();
        }
    }

    /**
     * Has a file or folder decided on, and keeps the copy that was made of it.
     *
     * @return null if it may load without a copy
     */
    Pins.Pin pin(Load load, Path copy, String original) {
        // Before it is read: what is written while it is read is a change.
        String state = Pins.stateOf(load.file());
        return pin(load, copy, original, state, admit(load, copy));
    }

    private Pins.Pin pin(Load load, Path copy, String original, String state, Admission admission) {
        if (!(admission instanceof Admission.Allowed allowed) || !allowed.copied()) {
            pins.delete(copy);
            demand(load, admission);
            return null;
        }
        Pins.Pin pin = new Pins.Pin(original, copy, allowed.packageHash(), allowed.signer(), state);
        pins.add(pin);
        return pin;
    }

    /** Has a load decided on, by the guard or, while that lasts, by the start-up check. */
    Admission admit(Load load, Path copy) {
        if (!trial.concerns(load.packagePath())) {
            return load.kind() == Load.Kind.NATIVE || load.kind() == Load.Kind.AGENT
                    ? guard().admit(load, copy, natives)
                    : guard().admit(load, copy);
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
        Context current = doing().context;
        if (current != null && current.application()) {
            Pins.Pin pin = pins.standingFor(folder);
            if (pin != null) {
                return pin.file();
            }
            if (environment.isOutOfScope(folder.getAbsolutePath())) {
                return folder;
            }
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
        return enter(new Context(null, environment.isApplicationFile(absolute.toString()), path, true, null));
    }

    @Override
    public void moduleJarOpened(Object before) {
        leave(before);
    }

    @Override
    public Path moduleFolderOpened(Path folder) {
        Path absolute = folder.toAbsolutePath();
        if (environment.isApplicationFile(absolute.toString())) {
            Pins.Pin pin = pins.standingFor(absolute.toFile());
            if (pin != null) {
                return pin.copy();
            }
            if (environment.isOutOfScope(absolute.toString())) {
                return folder;
            }
        }
        Path bound = bind(absolute, "module-folder", null);
        return bound == null ? folder : bound;
    }

    // --- what a URLClassLoader does not find ---

    private void remember(Object ucp, PackageRefusedException refused) {
        if (ucp != null) {
            refusals.getOrPut(ucp, new CopyOnWriteArrayList<>()).add(Refused.of(refused));
        }
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        List<Refused> refused = refusals.get(ucp);
        if (refused != null) {
            for (Refused one : refused) {
                notFound.addSuppressed(one.toException());
            }
        }
    }

    // --- class definition ---

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        Class<?> type = resource.getClass();
        Boolean bound = boundResources.get(type);
        if (bound == null) {
            bound = isBound(type);
            boundResources.put(type, bound);
        }
        doing().defines(loader, bound, null);
        trial.note("define-resource");
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
        doing().definesNothing();
    }

    @Override
    public void resourceRead(byte[] bytes) {
        Doing current = doing();
        if (current.loader != null) {
            current.bytes = bytes;
            trial.note("resource-bytes");
        }
    }

    /**
     * Whether {@code loader} defines what its own class path has just read, once for each such class. It must be the very
     * array: between reading and defining, a subclass may be asked for packages and permissions, and could define something
     * else.
     */
    private static boolean takeDefining(Doing current, ClassLoader loader, byte[] bytes) {
        if (current.loader != loader || bytes == null || current.bytes != bytes) {
            return false;
        }
        current.definesNothing();
        return true;
    }

    @Override
    public byte[] classDefining(
            ClassLoader loader, String name, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        if (isOwn(loader)) {
            return null;
        }
        awaitProof();
        Doing current = doing();
        boolean read = takeDefining(current, loader, bytes);
        if (read && current.verified) {
            current.judged = loader;
            return null;
        }
        if (bytes == null || offset < 0 || length < 0 || length > bytes.length - offset) {
            // The JDK's own check answers.
            return null;
        }
        URL location = location(domain);
        byte[] checked = null;
        if (location != null || !guard().countsDynamicCode()) {
            byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
            checked = define(loader, name, copy, location, "define-class", read);
        }
        markJudged(loader);
        return checked;
    }

    @Override
    public ByteBuffer classDefining(ClassLoader loader, String name, ByteBuffer bytes, ProtectionDomain domain) {
        // One that is not direct comes by again as an array.
        if (isOwn(loader) || bytes == null || !bytes.isDirect()) {
            return null;
        }
        awaitProof();
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        byte[] checked = judge(loader, name, copy, domain, "define-class-buffer");
        if (checked == null) {
            markJudged(loader);
            return null;
        }
        doing().defines(loader, true, checked);
        return ByteBuffer.wrap(checked);
    }

    /**
     * @param read whether the class was read from where its domain says, so that it cannot be a generated one
     * @return see {@link LoaderPackages#check}
     */
    private byte[] define(ClassLoader loader, String name, byte[] bytes, URL location, String hook, boolean read) {
        String className = name == null ? ClassFile.nameOf(bytes) : name;
        if (location == null) {
            Load load = new Load(Load.Kind.CLASS, null, null, className, hook, describe(loader));
            demand(load, guard().dynamicCode(load, "class " + className));
            return null;
        }
        return location.getProtocol().equals("jrt")
                ? packages.checkJdkClass(loader, className, bytes, location, hook)
                : packages.check(loader, className, bytes, location, hook, read);
    }

    /** As {@link #define}, for a class that need not have been read from anywhere. */
    private byte[] judge(ClassLoader loader, String name, byte[] bytes, ProtectionDomain domain, String hook) {
        URL location = location(domain);
        return location == null && guard().countsDynamicCode()
                ? null
                : define(loader, name, bytes, location, hook, false);
    }

    /** Asked for only once for each class: a code source of the host's own need not say the same twice. */
    private static URL location(ProtectionDomain domain) {
        CodeSource source = domain == null ? null : domain.getCodeSource();
        return source == null ? null : source.getLocation();
    }

    @Override
    public void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        Class<?> target = lookup.lookupClass();
        trial.requireNotConcerned(null, bytes, "lookup-define");
        if (isOfNoInterest(Callers.behind())) {
            return;
        }
        String className = ClassFile.nameOf(bytes);
        Load load =
                new Load(Load.Kind.CLASS, null, null, className, "lookup-define", describe(target.getClassLoader()));
        demand(load, guard().dynamicCode(load, "class " + className));
    }

    @Override
    public byte[] unsafeDefining(ClassLoader loader, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        if (bytes == null || offset < 0 || length < 0 || length > bytes.length - offset) {
            return null;
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        trial.requireNotConcerned(null, copy, "unsafe-define");
        if (!isOfNoInterest(Callers.behind())) {
            judge(loader, null, copy, domain, "unsafe-define");
        }
        markJudged(loader);
        return copy;
    }

    /** From here to the end of the woven method, a class of {@code loader} that the net sees is the one just judged. */
    private void markJudged(ClassLoader loader) {
        doing().judged = loader == null ? JUDGED_BOOT : loader;
    }

    @Override
    public void classDefined() {
        doing().judged = null;
    }

    private Doing doing() {
        Doing current = doing.get();
        if (current == null) {
            current = new Doing();
            doing.set(current);
        }
        return current;
    }

    /** The JDK's own generators, and the guard. */
    private boolean isOfNoInterest(Class<?> caller) {
        return caller == null || Callers.isJdkGenerator(caller) || caller.getClassLoader() == own;
    }

    /** The guard's loader, or one that Byte Buddy has made for the guard; the application can make neither. */
    private boolean isOwn(ClassLoader loader) {
        return loader == own
                || loader != null
                        && loader.getClass().getClassLoader() == own
                        && loader.getClass().getName().startsWith("net.bytebuddy.");
    }

    /**
     * The net under everything that defines classes without passing a woven method: JNI, natives of the JDK that were
     * made accessible, and what is appended to the boot loader's class path.
     *
     * @param nameOrNull with slashes, as the definition gave it; the JVM checks it only later
     * @throws PackageRefusedException if it must not be
     */
    public void classLoading(
            Module module, ClassLoader loader, String nameOrNull, ProtectionDomain domain, byte[] bytes) {
        trial.requireNotConcerned(nameOrNull, bytes, "class-load");
        if (isOwn(loader) || loader == null && module.isNamed()) {
            return;
        }
        Doing current = doing();
        if (current.judged == (loader == null ? JUDGED_BOOT : loader)) {
            current.judged = null;
            return;
        }
        if (loader == null) {
            agents.bootClass(ClassFile.nameOf(bytes), bytes);
            return;
        }
        if (domain != null && environment.isJdkLoader(loader) || isOfNoInterest(Callers.behind())) {
            return;
        }
        judge(loader, null, bytes.clone(), domain, "class-load");
    }

    @Override
    public void retransforming() {
        trial.note("retransform");
    }

    @Override
    public void redefining(Object[] definitions) {
        for (Object one : definitions == null ? new Object[0] : definitions) {
            if (one instanceof ClassDefinition definition) {
                redefining(definition.getDefinitionClass(), definition.getDefinitionClassFile());
            }
        }
    }

    private void redefining(Class<?> target, byte[] bytes) {
        ClassLoader loader = target.getClassLoader();
        if (isOwn(loader) || Gate.class.getModule() == target.getModule()) {
            Load load = new Load(Load.Kind.CLASS, null, null, target.getName(), "redefine", describe(loader));
            String error = "the guard's own classes are not redefined";
            demand(load, guard().refuseAlways(load, Refusal.TAMPERED_PACKAGE, error));
            return;
        }
        if (loader == null || environment.isJdkLoader(loader)) {
            // The JDK's and the application's own are for the agents that the application was started with.
            return;
        }
        judge(loader, target.getName(), bytes.clone(), target.getProtectionDomain(), "redefine");
    }

    // --- agents ---

    @Override
    public void agentAppending(String path) {
        agents.append(path);
    }

    @Override
    public void bootAppending(JarFile jar) {
        agents.appendToBoot(jar);
    }

    @Override
    public Object[] diagnosticCommand(String name, Object[] parameters) {
        return agents.diagnosticCommand(name, parameters);
    }

    // --- native libraries ---

    @Override
    public String foreignLibraryLoading(String name) {
        boolean bare = name.indexOf(File.separatorChar) < 0;
        String path = bare ? environment.systemLibrary(name) : name;
        if (path == null) {
            Load load = new Load(Load.Kind.NATIVE, null, null, name, "foreign-library", null);
            demand(
                    load,
                    guard().refuse(
                                    load,
                                    Refusal.UNREADABLE_PACKAGE,
                                    null,
                                    "the bare name of a library is resolved by the system's linker, and none of that name is in"
                                            + " cloacina.system_libraries"));
            return name;
        }
        String canonical;
        try {
            // Only a path without links and dots tells in which folder a file lies.
            canonical = new File(path).getCanonicalPath();
        } catch (IOException e) {
            Load load = new Load(Load.Kind.NATIVE, null, null, name, "foreign-library", null);
            demand(load, guard().refuse(load, Refusal.UNREADABLE_PACKAGE, null, "its path cannot be resolved: " + e));
            return name;
        }
        if (environment.isJdkFile(canonical)) {
            return canonical;
        }
        // What is neither keeps the name that it was given: its signature lies beside that.
        boolean system = environment.isSystemLibrary(Path.of(canonical));
        return loadLibrary(system ? canonical : path, system, "foreign-library", null);
    }

    @Override
    public String libraryLoading(Class<?> caller, String path, boolean builtIn) {
        ClassLoader loader = caller == null ? null : caller.getClassLoader();
        if (builtIn || isOwn(loader) || environment.isJdkFile(path)) {
            return path;
        }
        try {
            return loadLibrary(path, environment.isSystemLibrary(Path.of(path)), "native-library", loader);
        } catch (PackageRefusedException refused) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(refused.getMessage());
            error.initCause(refused);
            throw error;
        }
    }

    private String loadLibrary(String path, boolean system, String hook, ClassLoader loader) {
        Load load = Load.ofFile(Load.Kind.NATIVE, Path.of(path), hook, describe(loader));
        if (system) {
            demand(load, guard().systemLibrary(load));
            return path;
        }
        if (pins.forbidsExecution() && !trial.concerns(path)) {
            demand(
                    load,
                    guard().refuse(
                                    load,
                                    Refusal.UNREADABLE_PACKAGE,
                                    null,
                                    "its private copy could not be executed: [" + pins.folder()
                                            + "] is mounted noexec; set cloacina.pin_directory to a folder that is not"));
            return path;
        }
        try {
            return natives.admit(load, loader, this);
        } catch (UncheckedIOException e) {
            demand(load, guard().refuse(load, Refusal.UNREADABLE_PACKAGE, null, e.getMessage()));
            return path;
        }
    }

    // --- the application itself ---

    /**
     * Has a file or folder of the application's own class path decided on; its copy then stands for it.
     *
     * @throws PackageRefusedException if it must not load
     */
    public void admitApplication(Path file) {
        boolean folder = Files.isDirectory(file);
        Load load = Load.ofFile(folder ? Load.Kind.DIRECTORY : Load.Kind.JAR, file, "application", "app");
        pin(load, pins.newCopy(String.valueOf(file.getFileName())), file.toString());
    }

    /**
     * Has an archive of classes that the JVM has mapped already decided on.
     *
     * @throws PackageRefusedException if it must not be used
     */
    public void admitArchive(Path file) {
        if (environment.isJdkFile(file.toString())) {
            return;
        }
        Load load = Load.ofFile(Load.Kind.JAR, file, "class-archive", "app");
        Path copy = pins.newCopy(String.valueOf(file.getFileName()));
        Admission admission = admit(load, copy);
        pins.delete(copy);
        demand(load, admission);
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
