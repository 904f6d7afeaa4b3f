// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.format.ClassChange;
import io.cloacina.guard.agent.format.ClassFile;
import io.cloacina.guard.internal.decision.Guard;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Weaves the advices into the classes of the {@link EntryPoint} table.
 *
 * <p>Stays registered: when another agent has a class transformed again, the JVM starts from the original bytes, and
 * the calls must go in again. Byte Buddy itself is behind {@link Weaving}, so that it is not even loaded if all
 * classes are prepared, or {@link HookWeaving} can do it.
 */
public final class Weaver implements ClassFileTransformer {

    /** Allocated in advance, because it is also needed when the heap is full. */
    private static final byte[] NO_CLASS = {0};

    private static final Module JAVA_BASE = Object.class.getModule();

    private static final String SECURITY_MANAGER = "java.lang.SecurityManager";
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

    private final Map<String, List<EntryPoint>> byClass = new HashMap<>();
    private final Set<EntryPoint> instrumented = ConcurrentHashMap.newKeySet();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
    private final Set<String> instrumentedAtStart = ConcurrentHashMap.newKeySet();
    private final List<Instrumented> recorded = new ArrayList<>();
    private final List<Found> toCheck = new ArrayList<>();
    private boolean checked;
    private @Nullable HookWeaving templates;
    /** Loaded before the agent began, in which the JVM shows the methods of a class in the same order every time. */
    private final Set<String> early = ConcurrentHashMap.newKeySet();

    private final boolean inPlace;
    private volatile @Nullable Guard guard;

    /** @param inPlace false: weaves and records, but leaves the JVM's classes as they are */
    public Weaver(boolean inPlace) {
        this.inPlace = inPlace;
        for (EntryPoint entry : EntryPoint.values()) {
            List<EntryPoint> entries = byClass.get(entry.className());
            if (entries == null) {
                entries = new ArrayList<>();
                byClass.put(entry.className(), entries);
            }
            entries.add(entry);
        }
    }

    /**
     * Weaves all classes now and whenever they are transformed again.
     *
     * @throws IllegalStateException if any hook could not be put where it belongs; the message names it
     */
    public void install(Instrumentation instrumentation) {
        if (!inPlace) {
            for (Class<?> loaded : instrumentation.getInitiatedClasses(null)) {
                early.add(loaded.getName());
            }
        }
        Map<String, Class<?>> classes = new HashMap<>();
        Set<String> missing = new HashSet<>();
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.isExpectedAtStart()) {
                missing.add(entry.hook().label());
                if (!classes.containsKey(entry.className())) {
                    classes.put(entry.className(), load(entry.className()));
                }
            }
        }
        instrumentation.addTransformer(this, true);
        if (!inPlace) {
            loadLateOnes();
        }
        addLoaded(instrumentation.getInitiatedClasses(null), classes);
        addLoaded(instrumentation.getInitiatedClasses(PLATFORM), classes);
        try {
            instrumentation.retransformClasses(classes.values().toArray(new Class<?>[0]));
        } catch (UnmodifiableClassException | LinkageError e) {
            throw new IllegalStateException("a hook cannot be put into this JVM: " + e, e);
        }
        requireComplete(missing);
    }

    /** Loads them so that they are prepared. Outside of preparation they are instrumented when the JVM loads them. */
    private static void loadLateOnes() {
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.isWhenLoaded()) {
                try {
                    Class.forName(entry.className(), false, PLATFORM);
                } catch (ClassNotFoundException e) {
                    // Not of this JDK, or in a module that is not there.
                }
            }
        }
    }

    private void addLoaded(Class<?>[] all, Map<String, Class<?>> classes) {
        for (Class<?> loaded : all) {
            // Those of java.base are all there already, but for streams of archives; to ask seven hundred classes for
            // their names takes a millisecond.
            if ((loaded.getModule() != JAVA_BASE || loaded.getSuperclass() == InflaterInputStream.class)
                    && byClass.containsKey(loaded.getName())) {
                classes.put(loaded.getName(), loaded);
            }
        }
    }

    /**
     * Weaves all classes without changing any.
     *
     * @return a class that the JVM shows in two forms is there twice
     */
    public List<Instrumented> weaveAll(Instrumentation instrumentation) {
        install(instrumentation);
        instrumentation.removeTransformer(this);
        return List.copyOf(recorded);
    }

    /**
     * A class that was instrumented to be prepared.
     *
     * @param name with dots
     * @param original as the JVM shows it, or that with its methods sorted
     * @param result the same class with its hooks in
     */
    public record Instrumented(String name, byte[] original, byte[] result) {}

    private void record(Instrumented one) {
        synchronized (recorded) {
            recorded.add(one);
        }
    }

    /** The instrumented form of {@code original}; null if no change of it is prepared. */
    private byte @Nullable [] find(String name, byte[] original) {
        if (!PreparedClasses.maybePrepared(original)) {
            return null;
        }
        byte[] sorted = null;
        synchronized (toCheck) {
            if (!checked) {
                byte[] form = original;
                byte[] change = PreparedClasses.read(PreparedClasses.quickEntryFor(original));
                if (change == null) {
                    sorted = ClassFile.withSortedMethods(original);
                    form = sorted;
                    change = PreparedClasses.read(PreparedClasses.quickEntryFor(sorted));
                }
                if (change != null) {
                    toCheck.add(new Found(name, form == original ? original.clone() : form, change));
                    return ClassChange.apply(change, form);
                }
            }
        }
        if (sorted != null) {
            // A change would have had the quick name too, and to hash a class takes longer than to instrument it.
            return null;
        }
        sorted = ClassFile.withSortedMethods(original);
        byte[] change = PreparedClasses.read(PreparedClasses.entryFor(sorted));
        return change == null ? null : ClassChange.apply(change, sorted);
    }

    /**
     * Checks by SHA-256 what was taken by weaker sums; from now on, nothing is.
     *
     * @throws IllegalStateException if a class was prepared from another one; the message names it
     */
    public void checkFound() {
        List<Found> all;
        synchronized (toCheck) {
            checked = true;
            all = new ArrayList<>(toCheck);
            toCheck.clear();
        }
        for (Found found : all) {
            if (!PreparedClasses.isMadeFrom(found.change, found.original)) {
                throw new IllegalStateException("[" + found.name + "] of this JVM (" + Runtime.version()
                        + ") is not the one that was prepared, and yet has its length and sums");
            }
        }
    }

    /** A change that was found by the length and the sums of its original. */
    private static final class Found {
        private final String name;
        private final byte[] original;
        private final byte[] change;

        Found(String name, byte[] original, byte[] change) {
            this.name = name;
            this.original = original;
            this.change = change;
        }
    }

    /** No check at start covers a class that is instrumented when the JVM loads it, so this one does. */
    private static void requireLateOnes(List<EntryPoint> entries, List<EntryPoint> matched) {
        for (EntryPoint entry : entries) {
            if (entry.isWhenLoaded() && entry.isAlone() && !matched.contains(entry)) {
                throw new IllegalStateException("this JDK (" + Runtime.version() + ") has no place for the hook ["
                        + entry.hook().label() + "]");
            }
        }
    }

    private void requireComplete(Set<String> missing) {
        for (Map.Entry<String, Throwable> failed : failures.entrySet()) {
            throw new IllegalStateException(
                    "a hook cannot be put into [" + failed.getKey() + "]: " + failed.getValue(), failed.getValue());
        }
        for (EntryPoint entry : instrumented) {
            missing.remove(entry.hook().label());
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") has no place for the hooks " + new TreeSet<>(missing));
        }
    }

    /** The classes that were instrumented at start, because the agent jar has no change for them. */
    public List<String> instrumentedAtStart() {
        List<String> names = new ArrayList<>(instrumentedAtStart);
        Collections.sort(names);
        return names;
    }

    /**
     * From now on a class that cannot be instrumented is reported as an event, because no caller would see an
     * exception.
     */
    public void reportTo(Guard reported) {
        guard = reported;
    }

    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent map, which may change under an iterator
    private void report(Guard reported) {
        for (Map.Entry<String, Throwable> failure : failures.entrySet()) {
            reported.degraded(
                    "hooks in class " + failure.getKey(),
                    "the class, or its new form, was kept out: they could not be put into it: " + failure.getValue());
            failures.remove(failure.getKey(), failure.getValue());
        }
    }

    /** The instrumented hooks, by name. */
    public List<String> instrumentedHooks() {
        List<String> names = new ArrayList<>();
        for (EntryPoint entry : EntryPoint.values()) {
            if (instrumented.contains(entry) && !names.contains(entry.hook().label())) {
                names.add(entry.hook().label());
            }
        }
        return names;
    }

    private static Class<?> load(String name) {
        try {
            // Initialised here, on a fresh stack; otherwise the application might be the first, on a nearly full one.
            // Not
            // SecurityManager, which looks through all modules then: few JVMs have one, and what makes one does that.
            return Class.forName(name, !name.equals(SECURITY_MANAGER), null);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") has no class [" + name + "] to put a hook into", e);
        }
    }

    @Override
    @AllowedCall("up to Java 23 a SecurityManager may be there, and the guard acts with its own permissions")
    @SuppressWarnings("removal") // what the application may do is not what the guard may, up to Java 23
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            @Nullable String internalName,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        try {
            Guard reported = guard;
            if (reported != null && !failures.isEmpty()) {
                report(reported);
            }
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // The heap or the stack is full. The failure stays in the map, and is recorded with the next class that is
            // loaded; an exception from here would leave this one without its hooks.
        }
        if (loader != null && loader != PLATFORM || internalName == null) {
            return null;
        }
        String name = internalName.replace('/', '.');
        List<EntryPoint> entries = byClass.get(name);
        if (entries == null) {
            return null;
        }
        if (System.getSecurityManager() != null) {
            return AccessController.doPrivileged(new PrivilegedAction<byte @Nullable []>() {
                @Override
                public byte @Nullable [] run() {
                    return transform(name, entries, bytes);
                }
            });
        }
        return transform(name, entries, bytes);
    }

    /** Null if Byte Buddy has to do it. */
    private @Nullable WeavingResult byTemplates(List<EntryPoint> entries, byte[] bytes) {
        synchronized (toCheck) {
            if (templates == null) {
                templates = HookWeaving.ofPack();
            }
            return templates == null ? null : templates.weave(entries, bytes);
        }
    }

    private byte @Nullable [] transform(String name, List<EntryPoint> entries, byte[] bytes) {
        try {
            byte[] ready = inPlace ? find(name, bytes) : null;
            if (ready != null) {
                instrumented.addAll(entries);
                return ready;
            }
            instrumentedAtStart.add(name);
            WeavingResult result = inPlace ? byTemplates(entries, bytes) : null;
            byte[] sorted = result == null ? ClassFile.withSortedMethods(bytes) : bytes;
            if (result == null) {
                result = Weaving.weave(name, entries, sorted);
            }
            requireLateOnes(entries, result.matched());
            instrumented.addAll(result.matched());
            if (!inPlace) {
                record(new Instrumented(name, sorted, result.bytes()));
                if (early.contains(name)) {
                    record(new Instrumented(name, bytes.clone(), result.bytes()));
                }
                return null;
            }
            return result.bytes();
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // The JVM ignores exceptions from transformers and would run the class without its hooks. At start the
            // failure is reported; later the class, or its new form, is kept out by bytes that are none.
            failures.put(name, e);
            return inPlace ? NO_CLASS : null;
        }
    }
}
