// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.format.ClassFile;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.lang.instrument.ClassDefinition;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.nio.ByteBuffer;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Classes that are defined or changed. */
final class ClassDefinitionHooks {

    /** The boot loader among the loaders for which a class was judged. */
    private static final Object BOOT_LOADER = new Object();

    private final Environment environment;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final LoaderPackages packages;
    private final AgentHooks agents;
    private final ConcurrentHashMap<Class<?>, Boolean> boundResources = new ConcurrentHashMap<>();
    private final Translets translets = new Translets();

    ClassDefinitionHooks(
            Environment environment,
            Decisions decisions,
            ProbeLoads probes,
            LoaderPackages packages,
            AgentHooks agents) {
        this.environment = environment;
        this.decisions = decisions;
        this.probes = probes;
        this.packages = packages;
        this.agents = agents;
    }

    void resourceDefining(ClassLoader loader, Object resource) {
        Class<?> type = resource.getClass();
        Boolean bound = boundResources.get(type);
        if (bound == null) {
            bound = isBound(type);
            boundResources.put(type, bound);
        }
        ThreadState.current().defines(loader, bound, null);
        probes.note(Hook.DEFINE_RESOURCE);
    }

    // Resources of archives and directories were read from verified copies; those of other roots come from anywhere.
    private static boolean isBound(Class<?> resource) {
        Class<?> loader = resource.getEnclosingClass();
        return loader != null
                && (loader.getName().equals("jdk.internal.loader.URLClassPath$JarLoader")
                        || loader.getName().equals("jdk.internal.loader.URLClassPath$FileLoader"));
    }

    void resourceDefined() {
        ThreadState.current().definesNothing();
    }

    void resourceRead(byte[] bytes) {
        ThreadState state = ThreadState.current();
        if (state.loader != null) {
            state.bytes = bytes;
            probes.note(Hook.RESOURCE_BYTES);
        }
    }

    /**
     * Whether {@code loader} defines what its own class path has just read, once for each such class. It must be the
     * very array: between reading and defining, a subclass may be asked for packages and permissions, and could define
     * something else.
     */
    private static boolean takeDefining(ThreadState state, ClassLoader loader, byte @Nullable [] bytes) {
        if (state.loader != loader || bytes == null || state.bytes != bytes) {
            return false;
        }
        state.definesNothing();
        return true;
    }

    private static boolean isOutside(byte[] bytes, int offset, int length) {
        return offset < 0 || length < 0 || length > bytes.length - offset;
    }

    byte @Nullable [] classDefining(
            ClassLoader loader,
            @Nullable String name,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        if (OwnClasses.isOwn(loader)) {
            return null;
        }
        decisions.awaitSelfTest();
        ThreadState state = ThreadState.current();
        boolean read = takeDefining(state, loader, bytes);
        if (read && state.verified) {
            state.judging = loader;
            return null;
        }
        if (bytes == null || isOutside(bytes, offset, length)) {
            // The JDK's own check refuses it.
            return null;
        }
        URL location = location(domain);
        byte[] checked = null;
        if (location != null || !decisions.countsDynamicCode()) {
            byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
            checked = location == null && translets.isGenerated(loader, bytes, copy)
                    ? copy
                    : define(loader, name, copy, location, Hook.DEFINE_CLASS, read);
        }
        markJudged(loader);
        return checked;
    }

    @Nullable
    ByteBuffer classDefining(
            ClassLoader loader, @Nullable String name, @Nullable ByteBuffer bytes, @Nullable ProtectionDomain domain) {
        // A buffer that is not direct passes the hook of arrays next.
        if (OwnClasses.isOwn(loader) || bytes == null || !bytes.isDirect()) {
            return null;
        }
        decisions.awaitSelfTest();
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        byte[] checked = judge(loader, name, copy, domain, Hook.DEFINE_CLASS_BUFFER);
        if (checked == null) {
            markJudged(loader);
            return null;
        }
        ThreadState.current().defines(loader, true, checked);
        return ByteBuffer.wrap(checked);
    }

    /**
     * @param read whether the class was read from where its domain says, so that it cannot be a generated one
     * @return see {@link LoaderPackages#check}
     */
    private byte @Nullable [] define(
            @Nullable ClassLoader loader,
            @Nullable String name,
            byte[] bytes,
            @Nullable URL location,
            Hook hook,
            boolean read) {
        String className = name == null ? ClassFile.nameOf(bytes) : name;
        if (location == null) {
            if (Callers.isJdkLoader(loader, bytes)) {
                return null;
            }
            byte[] checked = packages.checkWithoutOrigin(loader, className, bytes, hook);
            if (checked == null) {
                demandDynamicCode(loader, className, hook);
            }
            return checked;
        }
        return location.getProtocol().equals("jrt")
                ? packages.checkJdkClass(loader, className, bytes, location, hook)
                : packages.check(loader, className, bytes, location, hook, read);
    }

    private void demandDynamicCode(@Nullable ClassLoader loader, String className, Hook hook) {
        Load load = new Load(Load.Kind.CLASS, null, null, className, hook.label(), Loaders.describe(loader));
        decisions.demandDynamicCode(load, className);
    }

    /** As {@link #define}, for a class that need not have been read from anywhere. */
    private byte @Nullable [] judge(
            @Nullable ClassLoader loader,
            @Nullable String name,
            byte[] bytes,
            @Nullable ProtectionDomain domain,
            Hook hook) {
        URL location = location(domain);
        return location == null && decisions.countsDynamicCode()
                ? null
                : define(loader, name, bytes, location, hook, false);
    }

    /** Asked for only once for each class, because a custom code source may answer differently the second time. */
    private static @Nullable URL location(@Nullable ProtectionDomain domain) {
        CodeSource source = domain == null ? null : domain.getCodeSource();
        return source == null ? null : source.getLocation();
    }

    void lookupDefining(Hook hook, MethodHandles.Lookup lookup, byte[] bytes) {
        Class<?> target = lookup.lookupClass();
        probes.requireNotConcerned(null, bytes, hook);
        if (!isOfNoInterest(Callers.behind())) {
            demandDynamicCode(target.getClassLoader(), ClassFile.nameOf(bytes), hook);
            if (target.getClassLoader() == null
                    && !target.getModule().isNamed()
                    && environment.agents().areBehind()) {
                // It is in none of the JARs on the boot class path.
                markJudged(null);
            }
        }
    }

    byte @Nullable [] unsafeDefining(
            @Nullable ClassLoader loader,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        if (bytes == null || isOutside(bytes, offset, length)) {
            return null;
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        probes.requireNotConcerned(null, copy, Hook.UNSAFE_DEFINE);
        if (!isOfNoInterest(Callers.behind())) {
            judge(loader, null, copy, domain, Hook.UNSAFE_DEFINE);
        }
        markJudged(loader);
        return copy;
    }

    /**
     * From here to the end of the instrumented method, a class of {@code loader} that is loaded is the one just judged.
     */
    private static void markJudged(@Nullable ClassLoader loader) {
        ThreadState.current().judging = loader == null ? BOOT_LOADER : loader;
    }

    void transletsGenerated(byte[] @Nullable [] classes) {
        translets.add(classes);
    }

    void classDefined() {
        ThreadState.current().end();
    }

    /** Whether {@code caller} is a generator of the JDK or the guard, or there is none. */
    private static boolean isOfNoInterest(@Nullable Class<?> caller) {
        return caller == null || Callers.isJdkGenerator(caller) || caller.getClassLoader() == OwnClasses.LOADER;
    }

    /** Whether it is one of the JDK's loaders that defines a class: from modules, or from the class path. */
    boolean isOfJdkLoader(@Nullable ClassLoader loader, @Nullable ProtectionDomain domain) {
        return domain != null && environment.isJdkLoader(loader);
    }

    /**
     * A class that the JVM loads, after the hooks in methods: by JNI, by natives of the JDK that were made
     * accessible, and what is appended to the boot loader's class path. The JDK's own, and those of
     * {@link #isOfJdkLoader}, are not asked about.
     *
     * @param nameOrNull with slashes, as the definition gave it; the JVM checks it only later
     */
    void classLoading(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String nameOrNull,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        probes.requireNotConcerned(nameOrNull, bytes, Hook.CLASS_LOAD);
        if (OwnClasses.isOwn(loader)) {
            return;
        }
        if (ThreadState.current().takeJudged(loader == null ? BOOT_LOADER : loader)) {
            return;
        }
        if (loader == null) {
            agents.bootClass(ClassFile.nameOf(bytes), bytes);
            return;
        }
        if (isOfNoInterest(Callers.behind())) {
            return;
        }
        judge(loader, null, bytes.clone(), domain, Hook.CLASS_LOAD);
    }

    /** @return what was judged: array and bytes are the caller's, who may change them until the JVM reads them */
    Object @Nullable [] redefining(Object @Nullable [] definitions) {
        if (definitions == null) {
            return null;
        }
        ClassDefinition[] own = new ClassDefinition[definitions.length];
        for (int i = 0; i < own.length; i++) {
            if (definitions[i] instanceof ClassDefinition definition) {
                own[i] = new ClassDefinition(
                        definition.getDefinitionClass(),
                        definition.getDefinitionClassFile().clone());
                redefining(own[i].getDefinitionClass(), own[i].getDefinitionClassFile());
            }
        }
        return own;
    }

    private void redefining(Class<?> target, byte[] bytes) {
        ClassLoader loader = target.getClassLoader();
        if (OwnClasses.isOwn(loader) || Gate.class.getModule() == target.getModule()) {
            Load load = new Load(
                    Load.Kind.CLASS, null, null, target.getName(), Hook.REDEFINE.label(), Loaders.describe(loader));
            throw decisions.refuseAlways(load, Refusal.TAMPERED_PACKAGE, "the guard's own classes are not redefined");
        }
        if (loader == null
                || environment.isJdkLoader(loader)
                || environment.agents().areBehind()) {
            // The JDK's and the application's own are for the agents that the application was started with.
            return;
        }
        judge(loader, target.getName(), bytes.clone(), target.getProtectionDomain(), Hook.REDEFINE);
    }
}
