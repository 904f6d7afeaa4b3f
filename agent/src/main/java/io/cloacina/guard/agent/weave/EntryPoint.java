package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.gate.Hook;

/**
 * The table of hooks: a method of the JDK through which code enters, and what is put into it. Descriptors were checked
 * with {@code javap -p -s} on 17 and 25; where they differ there is a row for each, of which one must match.
 */
public enum EntryPoint {
    LOADER_MADE(Hook.URL_CLASS_LOADER, "java.net.URLClassLoader", "<init>", "*", "LoaderMade"),
    ROOT(
            Hook.CLASS_PATH_ROOT,
            "jdk.internal.loader.URLClassPath",
            "getLoader",
            "(Ljava/net/URL;)Ljdk/internal/loader/URLClassPath$Loader;",
            "Root"),
    JAR(
            Hook.CLASS_PATH_JAR,
            "jdk.internal.loader.URLClassPath$JarLoader",
            "getJarFile",
            "(Ljava/net/URL;)Ljava/util/jar/JarFile;",
            "Jar"),
    FOLDER(
            Hook.CLASS_PATH_FOLDER,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "<init>",
            "(Ljava/net/URL;)V",
            "Folder"),
    FOLDER_MISS_17(
            Hook.CLASS_PATH_FOLDER,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "getResource",
            "(Ljava/lang/String;Z)Ljdk/internal/loader/Resource;",
            "FolderMiss"),
    FOLDER_MISS_25(
            Hook.CLASS_PATH_FOLDER,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "getResource",
            "(Ljava/lang/String;)Ljdk/internal/loader/Resource;",
            "FolderMiss"),
    ZIP(
            Hook.ZIP_OPEN,
            "java.util.zip.ZipFile$Source",
            "get",
            "(Ljava/io/File;ZLjava/util/zip/ZipCoder;)Ljava/util/zip/ZipFile$Source;",
            "Zip"),
    ZIP_CLOSE(Hook.ZIP_CLOSE, "java.util.zip.ZipFile$Source", "close", "()V", "ZipClose"),
    FIND_CLASS(
            Hook.FIND_CLASS,
            "java.net.URLClassLoader",
            "findClass",
            "(Ljava/lang/String;)Ljava/lang/Class;",
            "FindClass"),
    DEFINE_RESOURCE(
            Hook.DEFINE_RESOURCE,
            "java.net.URLClassLoader",
            "defineClass",
            "(Ljava/lang/String;Ljdk/internal/loader/Resource;)Ljava/lang/Class;",
            "DefineResource"),
    RESOURCE_BYTES(Hook.RESOURCE_BYTES, "jdk.internal.loader.Resource", "getBytes", "()[B", "ResourceBytes"),
    DEFINE_ARRAY(
            Hook.DEFINE_CLASS,
            "java.lang.ClassLoader",
            "defineClass",
            "(Ljava/lang/String;[BIILjava/security/ProtectionDomain;)Ljava/lang/Class;",
            "DefineArray"),
    DEFINE_BUFFER(
            Hook.DEFINE_CLASS_BUFFER,
            "java.lang.ClassLoader",
            "defineClass",
            "(Ljava/lang/String;Ljava/nio/ByteBuffer;Ljava/security/ProtectionDomain;)Ljava/lang/Class;",
            "DefineBuffer"),
    NATIVE(
            Hook.NATIVE_LIBRARY,
            "jdk.internal.loader.NativeLibraries",
            "loadLibrary",
            "(Ljava/lang/Class;Ljava/lang/String;Z)Ljdk/internal/loader/NativeLibrary;",
            "Native"),
    MODULE_JAR_17(
            Hook.MODULE_JAR,
            "jdk.internal.module.ModuleReferences$JarModuleReader",
            "newJarFile",
            "(Ljava/nio/file/Path;)Ljava/util/jar/JarFile;",
            "ModuleJar"),
    MODULE_JAR_25(
            Hook.MODULE_JAR,
            "jdk.internal.module.ModuleReferences$JarModuleReader",
            "newJarFile",
            "(Ljava/lang/String;)Ljava/util/jar/JarFile;",
            "ModuleJar"),
    MODULE_FOLDER(
            Hook.MODULE_FOLDER,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "<init>",
            "(Ljava/nio/file/Path;)V",
            "ModuleFolder"),
    MODULE_FOLDER_FIND(
            Hook.MODULE_FOLDER,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "find",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "ModuleFolderMiss"),
    MODULE_FOLDER_OPEN(
            Hook.MODULE_FOLDER,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "open",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "ModuleFolderMiss"),
    MODULE_FOLDER_READ(
            Hook.MODULE_FOLDER,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "read",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "ModuleFolderMiss"),
    FOREIGN(
            Hook.FOREIGN_LIBRARY,
            "jdk.internal.loader.RawNativeLibraries",
            "load",
            "(Ljava/lang/String;)Ljdk/internal/loader/NativeLibrary;",
            "ForeignLibrary",
            Presence.SINCE_22),
    LOOKUP_DEFINE(
            Hook.LOOKUP_DEFINE,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineClass",
            "([B)Ljava/lang/Class;",
            "LookupDefine"),
    HIDDEN(
            Hook.HIDDEN_CLASS,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineHiddenClass",
            "([BZ[Ljava/lang/invoke/MethodHandles$Lookup$ClassOption;)Ljava/lang/invoke/MethodHandles$Lookup;",
            "HiddenDefine"),
    HIDDEN_WITH_DATA(
            Hook.HIDDEN_CLASS_DATA,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineHiddenClassWithClassData",
            "([BLjava/lang/Object;Z[Ljava/lang/invoke/MethodHandles$Lookup$ClassOption;)"
                    + "Ljava/lang/invoke/MethodHandles$Lookup;",
            "HiddenDataDefine"),
    UNSAFE(
            Hook.UNSAFE_DEFINE,
            "jdk.internal.misc.Unsafe",
            "defineClass",
            "(Ljava/lang/String;[BIILjava/lang/ClassLoader;Ljava/security/ProtectionDomain;)Ljava/lang/Class;",
            "UnsafeDefine"),
    AGENT_JAR(
            Hook.AGENT_JAR,
            "jdk.internal.loader.ClassLoaders$AppClassLoader",
            "appendToClassPathForInstrumentation",
            "(Ljava/lang/String;)V",
            "AgentJar"),
    BOOT_APPEND(
            Hook.BOOT_APPEND,
            "sun.instrument.InstrumentationImpl",
            "appendToBootstrapClassLoaderSearch",
            "(Ljava/util/jar/JarFile;)V",
            "BootAppend"),
    RETRANSFORM(
            Hook.RETRANSFORM,
            "sun.instrument.InstrumentationImpl",
            "retransformClasses",
            "([Ljava/lang/Class;)V",
            "Retransform"),
    REDEFINE(
            Hook.REDEFINE,
            "sun.instrument.InstrumentationImpl",
            "redefineClasses",
            "([Ljava/lang/instrument/ClassDefinition;)V",
            "Redefine"),
    DIAGNOSTIC_COMMAND(
            Hook.DIAGNOSTIC_COMMAND,
            "com.sun.management.internal.DiagnosticCommandImpl",
            "invoke",
            "(Ljava/lang/String;[Ljava/lang/Object;[Ljava/lang/String;)Ljava/lang/Object;",
            "DiagnosticCommand",
            Presence.WHEN_LOADED);

    /** Where a hook's class is to be expected. */
    enum Presence {
        /** In every JVM, and woven at start. */
        ALWAYS,
        /** From Java 22 on; before that the way in does not exist. */
        SINCE_22,
        /** In a module that may be missing or come late; woven when it is loaded, which is refused if that fails. */
        WHEN_LOADED
    }

    /** Matches every descriptor. */
    private static final String ANY = "*";

    private final Hook hook;
    private final String className;
    private final String method;
    private final String descriptor;
    private final String advice;
    private final Presence presence;

    EntryPoint(Hook hook, String className, String method, String descriptor, String advice) {
        this(hook, className, method, descriptor, advice, Presence.ALWAYS);
    }

    EntryPoint(Hook hook, String className, String method, String descriptor, String advice, Presence presence) {
        this.hook = hook;
        this.className = className;
        this.method = method;
        this.descriptor = descriptor;
        this.advice = advice;
        this.presence = presence;
    }

    /** Whether the hook must be woven at start. */
    public boolean isExpectedAtStart() {
        return presence == Presence.ALWAYS
                || presence == Presence.SINCE_22 && Runtime.version().feature() >= 22;
    }

    /** The hook; rows for different JDKs share one. */
    public Hook hook() {
        return hook;
    }

    /** The woven class, with dots. */
    public String className() {
        return className;
    }

    /**
     * The name of the class in {@link Advices} that is put in. Not the class itself, so that none of them is loaded where
     * all was woven beforehand.
     */
    String advice() {
        return Advices.class.getName() + "$" + advice;
    }

    boolean matches(String methodName, String methodDescriptor) {
        return method.equals(methodName) && (descriptor.equals(ANY) || descriptor.equals(methodDescriptor));
    }
}
