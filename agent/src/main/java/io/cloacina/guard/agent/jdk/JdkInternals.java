// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

import io.cloacina.guard.agent.bootstrap.Handover;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;
import jdk.internal.access.SharedSecrets;
import jdk.internal.loader.BuiltinClassLoader;
import jdk.internal.loader.NativeLibraries;
import jdk.internal.misc.Unsafe;
import jdk.internal.misc.VM;
import jdk.internal.module.Modules;
import org.jspecify.annotations.Nullable;

/**
 * The few things of the JDK that have no public API. Exported and opened to the guard's own unnamed module only: the
 * application gets to see none of it by this. The same methods are there on 17 and 25. What is public is called
 * directly: the first calls by reflection cost a start of Java 25 thirty milliseconds.
 */
public final class JdkInternals {

    private JdkInternals() {}

    /** The JVM's arguments, also those from environment and files, as they were given. */
    public static List<String> jvmArguments() {
        return List.of(VM.getRuntimeArguments());
    }

    /**
     * The class paths of the boot loader and of the application loader; the platform loader has none. Not read by
     * reflection, whose first access to a field costs a start of Java 25 three milliseconds.
     *
     * @throws IllegalStateException if this JDK keeps them elsewhere
     */
    public static List<Object> classPaths() {
        Unsafe memory = Unsafe.getUnsafe();
        List<Object> paths = new ArrayList<>();
        try {
            long path = memory.objectFieldOffset(BuiltinClassLoader.class, "ucp");
            Field boot = Class.forName("jdk.internal.loader.ClassLoaders").getDeclaredField("BOOT_LOADER");
            Object bootLoader = memory.getReference(memory.staticFieldBase(boot), memory.staticFieldOffset(boot));
            for (Object loader : new Object[] {bootLoader, Handover.applicationLoader()}) {
                Object found = memory.getReference(loader, path);
                if (found != null) {
                    paths.add(found);
                }
            }
        } catch (ReflectiveOperationException | InternalError e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") keeps its class paths elsewhere: " + e, e);
        }
        return paths;
    }

    /**
     * What {@code archive} reads from; archives that were opened from one file share it.
     *
     * @return null if the archive is closed
     * @throws IllegalStateException if this JDK keeps it elsewhere
     */
    public static @Nullable Object sourceOf(ZipFile archive) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            Class<?> resource = Class.forName("java.util.zip.ZipFile$CleanableResource");
            Object opened = memory.getReference(archive, memory.objectFieldOffset(ZipFile.class, "res"));
            return opened == null ? null : memory.getReference(opened, memory.objectFieldOffset(resource, "zsrc"));
        } catch (ClassNotFoundException | InternalError e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") keeps what an archive reads from elsewhere: " + e, e);
        }
    }

    /**
     * The file that an archive's source has open, even if it has no name any more.
     *
     * @param source as {@link #sourceOf} gives it
     * @return null if it is not open, or this system has no names for open files
     * @throws IllegalStateException if this JDK keeps it elsewhere
     */
    public static @Nullable Path openFileOf(Object source) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            RandomAccessFile file = (RandomAccessFile)
                    memory.getReference(source, memory.objectFieldOffset(source.getClass(), "zfile"));
            if (file == null) {
                return null;
            }
            int number = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            return number < 0 ? null : openFile(number);
        } catch (IOException e) {
            return null;
        } catch (InternalError e) {
            throw elsewhere(e);
        }
    }

    static Path openFile(int number) {
        return Path.of("/proc/self/fd", Integer.toString(number));
    }

    /**
     * What the file was like that an archive's source was opened from.
     *
     * @param source as {@link #sourceOf} gives it
     * @throws IllegalStateException if this JDK keeps it elsewhere
     */
    public static BasicFileAttributes attributesOf(Object source) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            Object key = memory.getReference(source, memory.objectFieldOffset(source.getClass(), "key"));
            return (BasicFileAttributes) memory.getReference(key, memory.objectFieldOffset(key.getClass(), "attrs"));
        } catch (InternalError e) {
            throw elsewhere(e);
        }
    }

    /**
     * Whether an archive's source has its file open.
     *
     * @throws IllegalStateException if this JDK keeps it elsewhere
     */
    public static boolean isOpen(Object source) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            return memory.getReferenceVolatile(source, memory.objectFieldOffset(source.getClass(), "zfile")) != null;
        } catch (InternalError e) {
            throw elsewhere(e);
        }
    }

    /**
     * When a file or what is known of it was changed last, in nanoseconds; unlike the time of its last modification no
     * program can set it.
     *
     * @return 0 if the file system does not say
     * @throws IllegalStateException if this JDK keeps it elsewhere
     */
    public static long changeTimeOf(BasicFileAttributes attributes) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            Object of = attributes;
            if (of.getClass().getName().equals("sun.nio.fs.UnixFileAttributes$UnixAsBasicFileAttributes")) {
                of = memory.getReference(of, memory.objectFieldOffset(of.getClass(), "attrs"));
            }
            Class<?> type = of.getClass();
            return !type.getName().equals("sun.nio.fs.UnixFileAttributes")
                    ? 0
                    : memory.getLong(of, memory.objectFieldOffset(type, "st_ctime_sec")) * 1_000_000_000L
                            + memory.getLong(of, memory.objectFieldOffset(type, "st_ctime_nsec"));
        } catch (InternalError e) {
            throw elsewhere(e);
        }
    }

    private static IllegalStateException elsewhere(InternalError e) {
        return new IllegalStateException(
                "this JDK (" + Runtime.version() + ") keeps what an archive reads from elsewhere: " + e, e);
    }

    /** Lets {@code module} use what a module of the JDK exports. */
    public static void addReads(Module module, String jdkModule) throws ClassNotFoundException {
        Optional<Module> other = ModuleLayer.boot().findModule(jdkModule);
        if (other.isEmpty()) {
            throw new ClassNotFoundException("there is no module " + jdkModule);
        }
        Modules.addReads(module, other.get());
    }

    /** Defines a class to the boot loader. */
    public static void defineBootClass(String name, byte[] bytes) {
        Unsafe.getUnsafe().defineClass(name, bytes, 0, bytes.length, null, null);
    }

    /** Defines a class the way JDK code does that calls the internal {@code Unsafe}. */
    public static void defineByUnsafe(ClassLoader loader, byte[] bytes) {
        Unsafe.getUnsafe().defineClass(null, bytes, 0, bytes.length, loader, null);
    }

    /** Defines a class the way {@code java.lang.reflect.Proxy} does: past every instrumented method. */
    public static void defineUnseen(ClassLoader loader, byte[] bytes) {
        SharedSecrets.getJavaLangAccess().defineClass(loader, null, bytes, null, null);
    }

    /** Appends to the application's class path the way the JVM does for an agent. */
    public static void appendToClassPath(String jar) throws ReflectiveOperationException {
        Method append = Class.forName("jdk.internal.loader.ClassLoaders$AppClassLoader")
                .getDeclaredMethod("appendToClassPathForInstrumentation", String.class);
        append.setAccessible(true);
        append.invoke(Handover.applicationLoader(), jar);
    }

    /** Loads a library the way {@code SymbolLookup.libraryLookup} does; from Java 22 on. */
    public static void loadForeignLibrary(String path) throws ReflectiveOperationException {
        Class<?> libraries = Class.forName("jdk.internal.loader.RawNativeLibraries");
        Constructor<?> constructor = libraries.getDeclaredConstructor(MethodHandles.Lookup.class);
        constructor.setAccessible(true);
        Method load = libraries.getDeclaredMethod("load", String.class);
        load.setAccessible(true);
        load.invoke(constructor.newInstance(MethodHandles.lookup()), path);
    }

    /**
     * What {@code System.load(path)} does when {@code caller} calls it, without the warning that Java 24 and later have
     * for all unnamed modules at once.
     *
     * @param caller not of the boot loader
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static void loadLibrary(Class<?> caller, String path) {
        Unsafe memory = Unsafe.getUnsafe();
        NativeLibraries libraries = (NativeLibraries)
                memory.getReference(caller.getClassLoader(), memory.objectFieldOffset(ClassLoader.class, "libraries"));
        if (libraries.loadLibrary(caller, new File(path)) == null) {
            throw new UnsatisfiedLinkError("Can't load library: " + path);
        }
    }

    /** Reads a field of an object, of any access. */
    public static Object get(Object object, Field field) {
        Unsafe memory = Unsafe.getUnsafe();
        return memory.getReference(object, memory.objectFieldOffset(field));
    }

    /**
     * Has a reader of a directory (of a class path, or of a module) read another one from now on, in all threads. Its
     * field is final, which the JVM trusts for none of these classes.
     *
     * @throws InternalError if this JDK keeps it elsewhere
     */
    public static void setDirectory(Object reader, Object directory) {
        Unsafe memory = Unsafe.getUnsafe();
        memory.putReferenceVolatile(reader, memory.objectFieldOffset(reader.getClass(), "dir"), directory);
    }

    /**
     * The same file without what a subclass has overridden: none of its methods is called.
     *
     * @throws IllegalStateException if this JDK keeps the path elsewhere
     */
    public static File plain(File file) {
        if (file.getClass() == File.class) {
            return file;
        }
        Unsafe memory = Unsafe.getUnsafe();
        return new File((String) memory.getReference(file, memory.objectFieldOffset(File.class, "path")));
    }

    /**
     * Interrupts a thread by {@code Thread.interrupt} itself, whatever its class has in place of that.
     *
     * @throws IllegalStateException if this JDK does not let it be called
     */
    public static void interruptAsThread(Thread thread) {
        try {
            MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
                    .findSpecial(Thread.class, "interrupt", MethodType.methodType(void.class), Thread.class)
                    .invokeExact(thread);
        } catch (Throwable e) {
            throw new IllegalStateException("a thread cannot be interrupted again: " + e, e);
        }
    }

    /**
     * Sets a static field, of any access, without the seven milliseconds that reflection's first access to one takes
     * Java 25.
     *
     * @throws IllegalStateException if there is no such field
     */
    public static void setTrue(Class<?> owner, String name) {
        try {
            Unsafe memory = Unsafe.getUnsafe();
            Field field = owner.getDeclaredField(name);
            // Its initialiser would set it to false again.
            memory.ensureClassInitialized(owner);
            memory.putBooleanVolatile(memory.staticFieldBase(field), memory.staticFieldOffset(field), true);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this is not the library that the guard was built with", e);
        }
    }

    /**
     * Runs {@code hook} when the JVM ends, in one of the places that {@code java.lang.Shutdown} keeps for the JDK
     * itself behind all shutdown hooks of the application.
     *
     * @param slot from 3 to 9
     */
    public static void registerShutdownHook(int slot, Runnable hook) {
        SharedSecrets.getJavaLangAccess().registerShutdownHook(slot, false, hook);
    }
}
