package io.cloacina.guard.agent.weave;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * Weaves the advices into the classes of the {@link EntryPoint} table.
 *
 * <p>Stays registered: when another agent has a class transformed again, the JVM starts from the original bytes, and the
 * calls must go in again. {@code redefine} on single classes instead of an {@code AgentBuilder}, which takes eight times
 * as long at start.
 */
final class Weaver implements ClassFileTransformer {

    private final Map<String, List<EntryPoint>> byClass = new LinkedHashMap<>();
    private final Set<EntryPoint> woven = ConcurrentHashMap.newKeySet();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
    private final ClassFileLocator jdk = ClassFileLocator.ForClassLoader.ofPlatformLoader();
    private final ClassFileLocator own = ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader());

    Weaver() {
        for (EntryPoint entry : EntryPoint.values()) {
            byClass.computeIfAbsent(entry.className(), name -> new ArrayList<>())
                    .add(entry);
        }
    }

    /**
     * Weaves all classes now and whenever they are transformed again.
     *
     * @throws IllegalStateException if any hook could not be put where it belongs; the message names it
     */
    void install(Instrumentation instrumentation) {
        Map<String, Class<?>> classes = new LinkedHashMap<>();
        Set<String> missing = new LinkedHashSet<>();
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.isExpectedAtStart()) {
                missing.add(entry.hook());
                classes.computeIfAbsent(entry.className(), Weaver::load);
            }
        }
        instrumentation.addTransformer(this, true);
        for (Class<?> loaded : instrumentation.getInitiatedClasses(null)) {
            if (byClass.containsKey(loaded.getName())) {
                classes.put(loaded.getName(), loaded);
            }
        }
        try {
            instrumentation.retransformClasses(classes.values().toArray(new Class<?>[0]));
        } catch (UnmodifiableClassException | LinkageError e) {
            throw new IllegalStateException("a hook cannot be woven into this JVM: " + e, e);
        }
        failures.forEach((name, failure) -> {
            throw new IllegalStateException("a hook cannot be woven into [" + name + "]: " + failure, failure);
        });
        woven.forEach(entry -> missing.remove(entry.hook()));
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") has no place for the hooks " + missing);
        }
    }

    /** The hooks that were woven, by name. */
    Set<String> wovenHooks() {
        Set<String> names = new LinkedHashSet<>();
        EnumSet.copyOf(woven).forEach(entry -> names.add(entry.hook()));
        return names;
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, null);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") has no class [" + name + "] to put a hook into", e);
        }
    }

    @Override
    public byte[] transform(
            ClassLoader loader, String internalName, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
        if (loader != null || internalName == null) {
            return null;
        }
        String name = internalName.replace('/', '.');
        List<EntryPoint> entries = byClass.get(name);
        if (entries == null) {
            return null;
        }
        try {
            return weave(name, entries, bytes);
        } catch (RuntimeException | LinkageError e) {
            // The JVM would swallow it and run the class without its hooks. At start the failure is reported; later the
            // class, or its new form, is kept out by bytes that are none.
            failures.put(name, e);
            return new byte[] {0};
        }
    }

    /** The class with all its hooks in. */
    private byte[] weave(String name, List<EntryPoint> entries, byte[] bytes) {
        ClassFileLocator locator = new ClassFileLocator.Compound(ClassFileLocator.Simple.of(name, bytes), jdk, own);
        TypeDescription type = TypePool.Default.of(locator).describe(name).resolve();
        DynamicType.Builder<?> builder =
                new ByteBuddy().with(TypeValidation.DISABLED).decorate(type, locator);
        for (EntryPoint entry : entries) {
            ElementMatcher<MethodDescription> matcher = method -> {
                boolean match = entry.matches(method.getInternalName(), method.getDescriptor());
                if (match) {
                    woven.add(entry);
                }
                return match;
            };
            builder = builder.visit(Advice.to(entry.advice(), own).on(matcher));
        }
        return builder.make().getBytes();
    }
}
