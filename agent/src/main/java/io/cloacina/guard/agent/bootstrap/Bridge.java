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
 * What instrumented JDK code calls. The gate is a constant: it was handed over before this class was initialised, and
 * neither code nor reflection can exchange it afterwards. Without a gate everything is refused.
 *
 * <p>The loaders of the JDK itself are let pass here, at the first instruction: what they define comes from the class
 * path or the JDK, which are other hooks' business.
 */
public final class Bridge {

    private static final @Nullable Gate GATE = Handover.take();
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();
    private static final @Nullable ClassLoader APPLICATION = Handover.applicationLoader();

    /** Several times as many as weaving takes, and a fraction of the smallest stack that JVMs have by default. */
    private static final int PROBED_FRAMES = 3000;

    private Bridge() {}

    /**
     * The guard's own, or one of the JDK's: what those define comes from the class path or the JDK, which are other
     * hooks' business. Known before any class of the guard is asked for, as it may be one of them that is being
     * defined.
     */
    private static boolean isOfNoInterest(@Nullable ClassLoader loader) {
        return loader == APPLICATION
                || loader == PLATFORM
                || loader != null && loader.getClass() == GuardClassLoader.class;
    }

    @AllowedCall("up to Java 23 a SecurityManager may be there, and the guard acts with its own permissions")
    @SuppressWarnings("removal") // Later it is always null.
    private static Gate gate() {
        if (GATE == null) {
            throw new SecurityException(
                    "cloacina-guard is instrumented into this JVM but was never started; nothing may be loaded");
        }
        return System.getSecurityManager() == null ? GATE : GATE.privileged();
    }

    public static void loaderMade(ClassLoader loader, Object ucp) {
        gate().loaderMade(loader, ucp);
    }

    public static Object rootOpening(Object ucp, URL url) {
        return gate().rootOpening(ucp, url);
    }

    public static void rootOpened(Object before) {
        gate().rootOpened(before);
    }

    public static Object jarOpening(Object jarLoader, URL url) {
        return gate().jarOpening(jarLoader, url);
    }

    public static void jarOpened(Object before, @Nullable JarFile jar) throws IOException {
        gate().jarOpened(before, jar);
    }

    public static File directoryOpened(File directory) {
        return gate().directoryOpened(directory);
    }

    /** What the JDK itself has made needs no decision. */
    public static boolean directoryReading(Object fileLoader, File directory, String name) {
        return directory.getClass() != File.class && gate().directoryReading(fileLoader, directory, name);
    }

    public static boolean moduleDirectoryReading(Object reader, Path directory, @Nullable String name) {
        return gate().moduleDirectoryReading(reader, directory, name);
    }

    public static boolean directoryMissed(File directory, String name) {
        return gate().directoryMissed(directory, name);
    }

    public static boolean moduleDirectoryMissed(Path directory, String name) {
        return gate().moduleDirectoryMissed(directory, name);
    }

    public static File zipOpening(File file, boolean toDelete) throws IOException {
        return gate().zipOpening(file, toDelete);
    }

    public static void zipOpened(File file, @Nullable Object source) {
        gate().zipOpened(file, source);
    }

    public static void zipClosed(Object source) {
        gate().zipClosed(source);
    }

    public static void zipFileSystemMade(Path archive) {
        gate().zipFileSystemMade(archive);
    }

    public static void zipStreamMade(InputStream stream) {
        gate().zipStreamMade(stream);
    }

    public static Object moduleJarOpening(String path) {
        return gate().moduleJarOpening(path);
    }

    public static void moduleJarOpened(Object before) {
        gate().moduleJarOpened(before);
    }

    public static Path moduleDirectoryOpened(Path directory) {
        return gate().moduleDirectoryOpened(directory);
    }

    public static void classNotFound(Object ucp, Throwable notFound) {
        gate().classNotFound(ucp, notFound);
    }

    public static void resourceDefining(ClassLoader loader, Object resource) {
        gate().resourceDefining(loader, resource);
    }

    public static void resourceRead(byte[] bytes) {
        gate().resourceRead(bytes);
    }

    public static void resourceDefined() {
        gate().resourceDefined();
    }

    public static byte @Nullable [] classDefining(
            ClassLoader loader,
            @Nullable String name,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        if (isOfNoInterest(loader)) {
            return null;
        }
        return gate().classDefining(loader, name, bytes, offset, length, domain);
    }

    public static @Nullable ByteBuffer classDefining(
            ClassLoader loader, @Nullable String name, @Nullable ByteBuffer bytes, @Nullable ProtectionDomain domain) {
        if (isOfNoInterest(loader)) {
            return null;
        }
        return gate().classDefining(loader, name, bytes, domain);
    }

    /** Asked under a {@code SecurityManager}, whose policy knows nothing of the copies. */
    public static boolean isCopy(@Nullable String file) {
        return GATE != null && GATE.isCopy(file);
    }

    /** @param loader for which a class was defined */
    public static void classDefined(ClassLoader loader) {
        if (!isOfNoInterest(loader)) {
            gate().classDefined();
        }
    }

    public static void generatedDefined() {
        gate().classDefined();
    }

    public static String libraryLoading(@Nullable Class<?> caller, String path, boolean builtIn) {
        return gate().libraryLoading(caller, path, builtIn);
    }

    public static String foreignLibraryLoading(String name) {
        return gate().foreignLibraryLoading(name);
    }

    public static String pkcs11Opening(String name) {
        return gate().pkcs11Opening(name);
    }

    public static String nssOpening(String name) {
        return gate().nssOpening(name);
    }

    public static String gssOpening(String name) {
        return gate().gssOpening(name);
    }

    public static String smartCardOpening(String name) {
        return gate().smartCardOpening(name);
    }

    public static void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        gate().lookupDefining(lookup, bytes);
    }

    public static void hiddenDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        gate().hiddenDefining(lookup, bytes);
    }

    public static void hiddenWithDataDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        gate().hiddenWithDataDefining(lookup, bytes);
    }

    public static byte @Nullable [] unsafeDefining(
            @Nullable ClassLoader loader,
            byte @Nullable [] bytes,
            int offset,
            int length,
            @Nullable ProtectionDomain domain) {
        return gate().unsafeDefining(loader, bytes, offset, length, domain);
    }

    public static void transletsGenerated(byte[] @Nullable [] classes) {
        gate().transletsGenerated(classes);
    }

    public static void agentAppending(String path) {
        gate().agentAppending(path);
    }

    public static void bootAppending(JarFile jar) {
        gate().bootAppending(jar);
    }

    /**
     * Fails with {@code StackOverflowError} if there is not plenty of stack left. Where a transformer runs out of it,
     * the JVM goes on as if it had nothing to change, and the class would lose its hooks.
     */
    public static void retransforming() {
        descend(PROBED_FRAMES);
        gate().retransforming();
    }

    private static int descend(int frames) {
        return frames == 0 ? 0 : 1 + descend(frames - 1);
    }

    public static Object @Nullable [] redefining(Object @Nullable [] definitions) {
        return gate().redefining(definitions);
    }

    public static Object @Nullable [] diagnosticCommand(@Nullable String name, Object @Nullable [] parameters) {
        return gate().diagnosticCommand(name, parameters);
    }
}
