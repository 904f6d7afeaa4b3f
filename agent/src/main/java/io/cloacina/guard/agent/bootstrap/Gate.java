// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * What instrumented JDK code asks the guard: one method for each place in a hook. Called on the application's threads,
 * often under its class-loading locks.
 *
 * <p>Methods in pairs ({@code …Opening}, {@code …Opened}) are called before and after what they are named for, the
 * second also when that failed; what the first returns is handed to the second.
 */
public interface Gate {

    /** Whether {@code file} is one of the private copies: those are read by the code that loads what they replace. */
    boolean isCopy(@Nullable String file);

    /** The same for code whose permissions a {@code SecurityManager} looks at: those are not the guard's. */
    Gate privileged();

    /** A {@code URLClassLoader} was made around {@code ucp}. */
    void loaderMade(ClassLoader loader, Object ucp);

    /** A {@code URLClassPath} opens one of its roots. */
    Object rootOpening(Object ucp, URL url);

    void rootOpened(Object before);

    /** A root that is an archive is opened, wherever it comes from. */
    Object jarOpening(Object jarLoader, URL url);

    /**
     * @param jar the open archive; null if there is none
     * @throws IOException if it is refused
     */
    void jarOpened(Object before, @Nullable JarFile jar) throws IOException;

    /**
     * A root that is a directory was opened.
     *
     * @return the directory to read from instead
     */
    File directoryOpened(File directory);

    /**
     * A class or resource is looked for in a directory of a class path.
     *
     * @param fileLoader what looks for it, and has {@code directory}; it may be given another one
     * @param directory as {@link #directoryOpened} gave it
     * @return whether nothing may be found
     */
    boolean directoryReading(Object fileLoader, File directory, String name);

    /**
     * Nothing called {@code name} was found in a directory of a class path.
     *
     * @param directory as {@link #directoryOpened} gave it
     * @return whether it is there now, and to be looked for again
     */
    boolean directoryMissed(File directory, String name);

    /** The same for the directory of a named module, as {@link #moduleDirectoryOpened} gave it. */
    boolean moduleDirectoryMissed(Path directory, String name);

    /**
     * As {@link #directoryReading}, for the directory of a named module.
     *
     * @param name null if all names are asked for
     */
    boolean moduleDirectoryReading(Object reader, Path directory, @Nullable String name);

    /**
     * Some archive is opened by {@code java.util.zip}.
     *
     * @param toDelete whether the JDK deletes the file by opening it, as it does with downloads
     * @return the file to open instead
     * @throws IOException if it is the root of a class path and is refused
     */
    File zipOpening(File file, boolean toDelete) throws IOException;

    /** @param source of the open {@code file}; null if it could not be opened */
    void zipOpened(File file, @Nullable Object source);

    void zipClosed(Object source);

    /** A ZIP file system was made of {@code archive}, which may be of any file system. */
    void zipFileSystemMade(Path archive);

    /** An archive is going to be read from {@code stream}. */
    void zipStreamMade(InputStream stream);

    /** The archive of a named module is opened. */
    Object moduleJarOpening(String path);

    void moduleJarOpened(Object before);

    /**
     * The directory of a named module was opened.
     *
     * @return the directory to read from instead
     */
    Path moduleDirectoryOpened(Path directory);

    /** A {@code URLClassLoader} did not find a class; what was refused is added to {@code notFound}. */
    void classNotFound(Object ucp, Throwable notFound);

    /** A {@code URLClassLoader} is about to define a class that its class path gave it. */
    void resourceDefining(ClassLoader loader, Object resource);

    /** The bytes of a resource of some class path were read. */
    void resourceRead(byte[] bytes);

    void resourceDefined();

    /**
     * A class loader defines a class.
     *
     * @return the checked bytes to define instead, of the same length; null to go on with what is there
     */
    byte @Nullable [] classDefining(
            ClassLoader loader,
            @Nullable String name,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain);

    /**
     * As {@link #classDefining(ClassLoader, String, byte[], int, int, ProtectionDomain)}, from the buffer's position
     * on.
     */
    @Nullable
    ByteBuffer classDefining(
            ClassLoader loader, @Nullable String name, @Nullable ByteBuffer bytes, @Nullable ProtectionDomain domain);

    /** A definition that one of the methods above was asked about is over, well or badly. */
    void classDefined();

    /**
     * A native library is loaded.
     *
     * @param caller null if native code asks
     * @param path canonical, or the name of a library that is part of the JVM
     * @return the path to load instead
     */
    String libraryLoading(@Nullable Class<?> caller, String path, boolean builtIn);

    /**
     * A native library is looked up for foreign functions.
     *
     * @param name a path, or a bare name that the system's linker would resolve
     * @return the path to load instead
     */
    String foreignLibraryLoading(String name);

    /**
     * The PKCS#11 provider opens a library by itself.
     *
     * @param name a path, or a bare name that the system's linker would resolve
     * @return the path to open instead
     */
    String pkcs11Opening(String name);

    /** As {@link #pkcs11Opening}, for the library of NSS. */
    String nssOpening(String name);

    /** As {@link #pkcs11Opening}, for native GSS; the JDK goes on to its next candidate where one cannot be opened. */
    String gssOpening(String name);

    /** As {@link #pkcs11Opening}, for the library of smart cards. */
    String smartCardOpening(String name);

    /** A class is defined through a {@code Lookup}. */
    void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes);

    /** A hidden class is defined through a {@code Lookup}. */
    void hiddenDefining(MethodHandles.Lookup lookup, byte[] bytes);

    /** A hidden class that takes data with it is defined through a {@code Lookup}. */
    void hiddenWithDataDefining(MethodHandles.Lookup lookup, byte[] bytes);

    /**
     * A class is defined through the JDK's internal {@code Unsafe}.
     *
     * @return the checked bytes to define instead; null to go on with what is there
     */
    byte @Nullable [] unsafeDefining(
            @Nullable ClassLoader loader,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain);

    /** The JDK's XSLT compiler hands out the classes that it has generated for a stylesheet. */
    void transletsGenerated(byte[] @Nullable [] classes);

    /** A Java agent's JAR is put on the application's class path while the JVM runs. */
    void agentAppending(String path);

    /** A JAR is put on the boot loader's class path. */
    void bootAppending(JarFile jar);

    /** Another agent has classes transformed again. */
    void retransforming();

    /**
     * Another agent redefines classes.
     *
     * @param definitions {@code java.lang.instrument.ClassDefinition}s
     * @return those to go on with, in an array of the same type
     */
    Object @Nullable [] redefining(Object @Nullable [] definitions);

    /**
     * A command of the JVM's diagnostic bean is called.
     *
     * @return the parameters to go on with
     */
    Object @Nullable [] diagnosticCommand(@Nullable String name, Object @Nullable [] parameters);
}
