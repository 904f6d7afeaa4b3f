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

/**
 * Weaves the advices into the classes of the {@link EntryPoint} table.
 *
 * <p>Stays registered: when another agent has a class transformed again, the JVM starts from the original bytes, and the
 * calls must go in again. Byte Buddy itself is behind {@link Weaving}, so that it is not even loaded where all classes
 * were woven beforehand.
 */
final class Weaver implements ClassFileTransformer {

    /** Made beforehand: it is needed most where there is no room left for anything. */
    private static final byte[] NO_CLASS = {0};

    private final Map<String, List<EntryPoint>> byClass = new LinkedHashMap<>();
    private final Set<EntryPoint> woven = ConcurrentHashMap.newKeySet();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
    private final Set<String> wovenNow = ConcurrentHashMap.newKeySet();
    private final Map<String, byte[]> recorded = new ConcurrentHashMap<>();
    private final boolean inPlace;

    /** @param inPlace false: weaves and records, but leaves the JVM's classes as they are */
    Weaver(boolean inPlace) {
        this.inPlace = inPlace;
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
        if (!inPlace && ModuleLayer.boot().findModule("jdk.management").isPresent()) {
            // Elsewhere it is woven when it is loaded, from the bytes that it has then.
            load(EntryPoint.DIAGNOSTIC_COMMAND.className());
        }
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
        requireComplete(missing);
    }

    /**
     * Weaves all classes without changing any.
     *
     * @return the woven classes by the name of their entry in the agent jar
     */
    Map<String, byte[]> weaveAll(Instrumentation instrumentation) {
        install(instrumentation);
        instrumentation.removeTransformer(this);
        return Map.copyOf(recorded);
    }

    private void requireComplete(Set<String> missing) {
        failures.forEach((name, failure) -> {
            throw new IllegalStateException("a hook cannot be woven into [" + name + "]: " + failure, failure);
        });
        woven.forEach(entry -> missing.remove(entry.hook()));
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") has no place for the hooks " + missing);
        }
    }

    /** The classes that had to be woven now, as the agent jar has none for them that was woven beforehand. */
    Set<String> wovenNow() {
        return Set.copyOf(wovenNow);
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
            byte[] original = ClassFile.withSortedMethods(bytes);
            byte[] ready = inPlace ? WovenClasses.find(original) : null;
            if (ready != null) {
                woven.addAll(entries);
                return ready;
            }
            wovenNow.add(name);
            Weaving.Result result = Weaving.weave(name, entries, original);
            woven.addAll(result.matched());
            if (!inPlace) {
                recorded.put(WovenClasses.entryFor(original), result.bytes());
                return null;
            }
            return result.bytes();
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // The JVM would swallow it and run the class without its hooks. At start the failure is reported; later the
            // class, or its new form, is kept out by bytes that are none.
            failures.put(name, e);
            return inPlace ? NO_CLASS : null;
        }
    }
}
