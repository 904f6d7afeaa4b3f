// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.gate.Hook;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The table of hooks: a method of the JDK through which code enters, and what is put into it. Descriptors were checked
 * with {@code javap -p -s} on 17 and 25; where they differ there is a row for each, of which one must match.
 *
 * <p>Native code of the JDK that opens libraries by itself ({@code nm -D} of all libraries of 17, 21 and 25 for
 * {@code dlopen} and {@code JVM_LoadLibrary}; Linux), and who chooses what:
 *
 * <table>
 * <caption>Users of {@code dlopen} in the JDK</caption>
 * <tr><th>library</th><th>opens</th><th>guarded by</th></tr>
 * <tr><td>{@code java}</td><td>what {@code System.load}, {@code System.loadLibrary} and {@code SymbolLookup} name</td>
 *     <td>{@link #NATIVE}, {@link #FOREIGN}</td></tr>
 * <tr><td>{@code j2pkcs11}</td><td>{@code library} of a PKCS#11 configuration, modules of NSS</td>
 *     <td>{@link #PKCS11}</td></tr>
 * <tr><td>{@code j2pkcs11}</td><td>NSS itself, {@code nssLibraryDirectory}; a handle of one that is open
 *     ({@code RTLD_NOLOAD}) runs nothing</td><td>{@link #NSS}</td></tr>
 * <tr><td>{@code j2gss}</td><td>{@code sun.security.jgss.lib}, or one of three bare names</td>
 *     <td>{@link #GSS_17}, {@link #GSS_25}</td></tr>
 * <tr><td>{@code j2pcsc}</td><td>{@code sun.security.smartcardio.library}, or the system's</td>
 *     <td>{@link #SMART_CARD}, {@link #SMART_CARD_DIRECTLY}</td></tr>
 * <tr><td>{@code jvm}</td><td>agents: of the command line, by attach or {@code jcmd} (options of the JVM), by its
 *     diagnostic bean</td><td>{@link #DIAGNOSTIC_COMMAND}</td></tr>
 * <tr><td>{@code jvm}</td><td>{@code hsdis}, JVMCI's compiler, vector mathematics: from the JDK's own directory, or as
 *     options of the command line say</td><td>nothing</td></tr>
 * <tr><td>{@code jdwp}</td><td>the transport that the command line names</td><td>nothing</td></tr>
 * <tr><td>{@code saproc}</td><td>{@code hsdis}, in {@code jdk.hotspot.agent}, which exports nothing without
 *     {@code --add-exports}</td><td>nothing</td></tr>
 * <tr><td>{@code awt}, {@code awt_headless}, {@code awt_xawt}, {@code fontmanager}</td><td>each other, and fixed names:
 *     CUPS, fontconfig, FreeType, GTK, OpenGL</td><td>nothing</td></tr>
 * <tr><td>{@code net}, {@code sctp}, {@code jimage}, {@code jli}</td><td>fixed names: GIO and GConf, SCTP, {@code zip},
 *     {@code jvm}</td><td>nothing</td></tr>
 * </table>
 *
 * <p>Where nothing guards, the name is none that code in the JVM could choose; fixed names are resolved by the system's
 * linker. What a library that was let in opens in turn is out of reach.
 */
public enum EntryPoint {
    LOADER_MADE(Hook.URL_CLASS_LOADER, "java.net.URLClassLoader", "<init>", "*", "Advices$LoaderMade"),
    ROOT(
            Hook.CLASS_PATH_ROOT,
            "jdk.internal.loader.URLClassPath",
            "getLoader",
            "(Ljava/net/URL;)Ljdk/internal/loader/URLClassPath$Loader;",
            "Advices$Root"),
    JAR(
            Hook.CLASS_PATH_JAR,
            "jdk.internal.loader.URLClassPath$JarLoader",
            "getJarFile",
            "(Ljava/net/URL;)Ljava/util/jar/JarFile;",
            "Advices$Jar"),
    DIRECTORY(
            Hook.CLASS_PATH_DIRECTORY,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "<init>",
            "(Ljava/net/URL;)V",
            "Advices$Directory"),
    DIRECTORY_READ_17(
            Hook.CLASS_PATH_DIRECTORY,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "getResource",
            "(Ljava/lang/String;Z)Ljdk/internal/loader/Resource;",
            "Advices$DirectoryRead"),
    DIRECTORY_READ_25(
            Hook.CLASS_PATH_DIRECTORY,
            "jdk.internal.loader.URLClassPath$FileLoader",
            "getResource",
            "(Ljava/lang/String;)Ljdk/internal/loader/Resource;",
            "Advices$DirectoryRead"),
    ZIP(
            Hook.ZIP_OPEN,
            "java.util.zip.ZipFile$Source",
            "get",
            "(Ljava/io/File;ZLjava/util/zip/ZipCoder;)Ljava/util/zip/ZipFile$Source;",
            "Advices$Zip"),
    COPY_READ(Hook.ZIP_OPEN, "java.lang.SecurityManager", "checkRead", "(Ljava/lang/String;)V", "Advices$CopyRead"),
    ZIP_CLOSE(Hook.ZIP_CLOSE, "java.util.zip.ZipFile$Source", "close", "()V", "Advices$ZipClose"),
    ZIP_FILE_SYSTEM(
            Hook.ZIP_FILE_SYSTEM,
            "jdk.nio.zipfs.ZipFileSystem",
            "<init>",
            "(Ljdk/nio/zipfs/ZipFileSystemProvider;Ljava/nio/file/Path;Ljava/util/Map;)V",
            "Advices$ZipFileSystem",
            Presence.WHEN_LOADED),
    ZIP_STREAM(
            Hook.ZIP_STREAM,
            "java.util.zip.ZipInputStream",
            "<init>",
            "(Ljava/io/InputStream;Ljava/nio/charset/Charset;)V",
            "Advices$ZipStream",
            Presence.WHEN_LOADED),
    FIND_CLASS(
            Hook.FIND_CLASS,
            "java.net.URLClassLoader",
            "findClass",
            "(Ljava/lang/String;)Ljava/lang/Class;",
            "Advices$FindClass"),
    DEFINE_RESOURCE(
            Hook.DEFINE_RESOURCE,
            "java.net.URLClassLoader",
            "defineClass",
            "(Ljava/lang/String;Ljdk/internal/loader/Resource;)Ljava/lang/Class;",
            "DefinitionAdvices$DefineResource"),
    RESOURCE_BYTES(Hook.RESOURCE_BYTES, "jdk.internal.loader.Resource", "getBytes", "()[B", "Advices$ResourceBytes"),
    DEFINE_ARRAY(
            Hook.DEFINE_CLASS,
            "java.lang.ClassLoader",
            "defineClass",
            "(Ljava/lang/String;[BIILjava/security/ProtectionDomain;)Ljava/lang/Class;",
            "DefinitionAdvices$DefineArray"),
    DEFINE_BUFFER(
            Hook.DEFINE_CLASS_BUFFER,
            "java.lang.ClassLoader",
            "defineClass",
            "(Ljava/lang/String;Ljava/nio/ByteBuffer;Ljava/security/ProtectionDomain;)Ljava/lang/Class;",
            "DefinitionAdvices$DefineBuffer"),
    NATIVE(
            Hook.NATIVE_LIBRARY,
            "jdk.internal.loader.NativeLibraries",
            "loadLibrary",
            "(Ljava/lang/Class;Ljava/lang/String;Z)Ljdk/internal/loader/NativeLibrary;",
            "Advices$Native"),
    MODULE_JAR_17(
            Hook.MODULE_JAR,
            "jdk.internal.module.ModuleReferences$JarModuleReader",
            "newJarFile",
            "(Ljava/nio/file/Path;)Ljava/util/jar/JarFile;",
            "Advices$ModuleJar"),
    MODULE_JAR_25(
            Hook.MODULE_JAR,
            "jdk.internal.module.ModuleReferences$JarModuleReader",
            "newJarFile",
            "(Ljava/lang/String;)Ljava/util/jar/JarFile;",
            "Advices$ModuleJar"),
    MODULE_DIRECTORY(
            Hook.MODULE_DIRECTORY,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "<init>",
            "(Ljava/nio/file/Path;)V",
            "Advices$ModuleDirectory"),
    MODULE_DIRECTORY_FIND(
            Hook.MODULE_DIRECTORY,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "find",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "Advices$ModuleDirectoryRead"),
    MODULE_DIRECTORY_OPEN(
            Hook.MODULE_DIRECTORY,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "open",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "Advices$ModuleDirectoryRead"),
    MODULE_DIRECTORY_READ(
            Hook.MODULE_DIRECTORY,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "read",
            "(Ljava/lang/String;)Ljava/util/Optional;",
            "Advices$ModuleDirectoryRead"),
    MODULE_DIRECTORY_LIST(
            Hook.MODULE_DIRECTORY,
            "jdk.internal.module.ModuleReferences$ExplodedModuleReader",
            "list",
            "()Ljava/util/stream/Stream;",
            "Advices$ModuleDirectoryList"),
    FOREIGN(
            Hook.FOREIGN_LIBRARY,
            "jdk.internal.loader.RawNativeLibraries",
            "load",
            "(Ljava/lang/String;)Ljdk/internal/loader/NativeLibrary;",
            "Advices$ForeignLibrary",
            Presence.SINCE_22),
    LOOKUP_DEFINE(
            Hook.LOOKUP_DEFINE,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineClass",
            "([B)Ljava/lang/Class;",
            "DefinitionAdvices$LookupDefine"),
    HIDDEN(
            Hook.HIDDEN_CLASS,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineHiddenClass",
            "([BZ[Ljava/lang/invoke/MethodHandles$Lookup$ClassOption;)Ljava/lang/invoke/MethodHandles$Lookup;",
            "DefinitionAdvices$HiddenDefine"),
    HIDDEN_WITH_DATA(
            Hook.HIDDEN_CLASS_DATA,
            "java.lang.invoke.MethodHandles$Lookup",
            "defineHiddenClassWithClassData",
            "([BLjava/lang/Object;Z[Ljava/lang/invoke/MethodHandles$Lookup$ClassOption;)"
                    + "Ljava/lang/invoke/MethodHandles$Lookup;",
            "DefinitionAdvices$HiddenDataDefine"),
    UNSAFE(
            Hook.UNSAFE_DEFINE,
            "jdk.internal.misc.Unsafe",
            "defineClass",
            "(Ljava/lang/String;[BIILjava/lang/ClassLoader;Ljava/security/ProtectionDomain;)Ljava/lang/Class;",
            "DefinitionAdvices$UnsafeDefine"),
    AGENT_JAR(
            Hook.AGENT_JAR,
            "jdk.internal.loader.ClassLoaders$AppClassLoader",
            "appendToClassPathForInstrumentation",
            "(Ljava/lang/String;)V",
            "Advices$AgentJar"),
    BOOT_APPEND(
            Hook.BOOT_APPEND,
            "sun.instrument.InstrumentationImpl",
            "appendToBootstrapClassLoaderSearch",
            "(Ljava/util/jar/JarFile;)V",
            "Advices$BootAppend"),
    RETRANSFORM(
            Hook.RETRANSFORM,
            "sun.instrument.InstrumentationImpl",
            "retransformClasses",
            "([Ljava/lang/Class;)V",
            "DefinitionAdvices$Retransform"),
    REDEFINE(
            Hook.REDEFINE,
            "sun.instrument.InstrumentationImpl",
            "redefineClasses",
            "([Ljava/lang/instrument/ClassDefinition;)V",
            "DefinitionAdvices$Redefine"),
    DIAGNOSTIC_COMMAND(
            Hook.DIAGNOSTIC_COMMAND,
            "com.sun.management.internal.DiagnosticCommandImpl",
            "invoke",
            "(Ljava/lang/String;[Ljava/lang/Object;[Ljava/lang/String;)Ljava/lang/Object;",
            "Advices$DiagnosticCommand",
            Presence.WHEN_LOADED),
    XSLT_COMPILER(
            Hook.XSLT_COMPILER,
            "com.sun.org.apache.xalan.internal.xsltc.compiler.XSLTC",
            "getBytecodes",
            "()[[B",
            "DefinitionAdvices$TransletsGenerated",
            Presence.WHEN_LOADED),
    PKCS11(
            Hook.PKCS11_LIBRARY,
            "sun.security.pkcs11.wrapper.PKCS11",
            new LibraryCall(
                    "sun/security/pkcs11/wrapper/PKCS11",
                    "connect",
                    "(Ljava/lang/String;Ljava/lang/String;)",
                    "pkcs11Opening")),
    NSS(
            Hook.NSS_LIBRARY,
            "sun.security.pkcs11.Secmod",
            new LibraryCall("sun/security/pkcs11/Secmod", "nssLoadLibrary", "(Ljava/lang/String;)", "nssOpening")),
    GSS_17(Hook.GSS_LIBRARY, "sun.security.jgss.wrapper.SunNativeProvider$1", LibraryCall.GSS),
    GSS_25(Hook.GSS_LIBRARY, "sun.security.jgss.wrapper.SunNativeProvider", LibraryCall.GSS),
    SMART_CARD(Hook.SMART_CARD_LIBRARY, "sun.security.smartcardio.PlatformPCSC$1", LibraryCall.SMART_CARD),
    SMART_CARD_DIRECTLY(Hook.SMART_CARD_LIBRARY, "sun.security.smartcardio.PlatformPCSC", LibraryCall.SMART_CARD);

    /** Where a hook's class is to be expected. */
    enum Presence {
        /** In every JVM, and instrumented at start. */
        ALWAYS,
        /** From Java 22 on; before that the entry point does not exist. */
        SINCE_22,
        /**
         * In a module that may be missing or come late; instrumented when it is loaded, which is refused if that fails.
         */
        WHEN_LOADED
    }

    /** Matches every descriptor. */
    private static final String ANY = "*";

    private final Hook hook;
    private final String className;
    private final @Nullable String method;
    private final @Nullable String descriptor;
    private final @Nullable String advice;
    private final Presence presence;

    @SuppressWarnings("ImmutableEnumChecker") // a record of strings
    private final @Nullable LibraryCall call;

    EntryPoint(Hook hook, String className, String method, String descriptor, String advice) {
        this(hook, className, method, descriptor, advice, Presence.ALWAYS);
    }

    EntryPoint(Hook hook, String className, String method, String descriptor, String advice, Presence presence) {
        this(hook, className, method, descriptor, advice, presence, null);
    }

    /** A native method is called, which opens a library. Where it is declared it has no body that could be changed. */
    EntryPoint(Hook hook, String className, LibraryCall call) {
        this(hook, className, null, null, null, Presence.WHEN_LOADED, call);
    }

    EntryPoint(
            Hook hook,
            String className,
            @Nullable String method,
            @Nullable String descriptor,
            @Nullable String advice,
            Presence presence,
            @Nullable LibraryCall call) {
        this.call = call;
        this.hook = hook;
        this.className = className;
        this.method = method;
        this.descriptor = descriptor;
        this.advice = advice;
        this.presence = presence;
    }

    /** Whether the hook must be instrumented at start. */
    public boolean isExpectedAtStart() {
        return presence == Presence.ALWAYS
                || presence == Presence.SINCE_22 && Runtime.version().feature() >= 22;
    }

    /** Whether the class is not looked for at start: it is instrumented when it is loaded, if it ever is. */
    public boolean isWhenLoaded() {
        return presence == Presence.WHEN_LOADED;
    }

    /** Whether no other class has a row for the same hook, so that this one must have a place for it. */
    boolean isAlone() {
        for (EntryPoint other : values()) {
            if (other.hook == hook && !other.className.equals(className)) {
                return false;
            }
        }
        return true;
    }

    /** The call whose argument is replaced; null where a method itself is instrumented. */
    @Nullable
    LibraryCall call() {
        return call;
    }

    /** The hook; rows for different JDKs share one. */
    public Hook hook() {
        return hook;
    }

    /** The instrumented class, with dots. */
    public String className() {
        return className;
    }

    /**
     * The name of the class in {@link Advices} or {@link DefinitionAdvices} that is put in. Not the class itself, so
     * that none of them is loaded if all classes are prepared.
     */
    public String advice() {
        return EntryPoint.class.getPackageName() + "." + advice;
    }

    /** All of the row that what is put in depends on, as a line of text. */
    public String line() {
        return name() + " " + className + " " + method + " " + descriptor + " " + advice + " " + call;
    }

    /** The name of the instrumented method; not for a row with a {@link #call}. */
    String method() {
        return Objects.requireNonNull(method);
    }

    /** Of that method. */
    String descriptor() {
        return Objects.requireNonNull(descriptor);
    }

    boolean isForAnyDescriptor() {
        return ANY.equals(descriptor);
    }

    boolean matches(String methodName, String methodDescriptor) {
        return call == null
                && methodName.equals(method)
                && (ANY.equals(descriptor) || methodDescriptor.equals(descriptor));
    }
}
