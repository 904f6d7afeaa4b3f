// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.internal.config.KnownJava;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM enters the agent jar: {@code -javaagent:cloacina-guard.jar} and {@code java -jar cloacina-guard.jar}. It is
 * alone in the system class loader and keeps nothing: it reads the few classes that stand in the entry {@value #ENTRY}, and
 * hands over to them.
 */
public final class GuardAgent {

    /**
     * A stored entry of the agent jar, behind nothing but other stored ones, with its size in its local header (APPNOTE.TXT,
     * 4.3.7). Big-endian: the number of classes (4); for each its name as {@link DataInputStream#readUTF} reads it, the size
     * of the class file (4), the class file.
     */
    private static final String ENTRY = "guard.boot";

    /** EX_CONFIG of BSD's sysexits: the guard could not be set up as it was meant to be. */
    private static final int CONFIGURATION_ERROR = 78;

    private static final String PACKAGE = "io.cloacina.guard.agent.";
    private static final String SEAL = PACKAGE + "sealing.Seal";

    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_SIZE = 30;

    private GuardAgent() {}

    /**
     * Sets the guard up before {@code main}. If that is not possible, one line says why, and the JVM ends with status
     * 78: an exception would end it with a core dump, and going on would leave it unguarded.
     *
     * @param arguments none: everything is set by {@code cloacina.*} properties; two are for the guard's own commands
     */
    @AllowedCall("the guard cannot be set up, and this is before it can say so itself")
    public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
        try {
            if (isThereAlready()) {
                System.err.println("cloacina-guard: the agent is named twice (JAVA_TOOL_OPTIONS and the command line?);"
                        + " the first one guards this JVM, the second does nothing");
                return;
            }
            File jar = ownJar();
            Map<String, byte[]> classes = read(jar);
            @SuppressWarnings("unchecked")
            BiConsumer<Instrumentation, @Nullable Object[]> seal =
                    (BiConsumer<Instrumentation, @Nullable Object[]>) new Stage(classes, PACKAGE + "sealing.")
                            .loadClass(SEAL)
                            .getDeclaredConstructor()
                            .newInstance();
            seal.accept(instrumentation, new @Nullable Object[] {jar, arguments, classes});
        } catch (Throwable e) {
            try {
                String grant = e instanceof SecurityException
                        ? "; a SecurityManager's policy has to grant the agent jar java.security.AllPermission"
                        : "";
                String newer = Runtime.version().feature() > KnownJava.NEWEST
                        ? "; Java " + Runtime.version().feature() + " is newer than " + KnownJava.NEWEST
                                + ", the newest that was tested"
                        : "";
                System.err.println(
                        "cloacina-guard: cannot start: " + e + grant + newer + "; the JVM is stopped (status 78)");
            } finally {
                Runtime.getRuntime().halt(CONFIGURATION_ERROR);
            }
        }
    }

    private static boolean isThereAlready() {
        try {
            Class.forName(PACKAGE + "bootstrap.Bridge", false, null);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Runs the command-line interface. */
    public static void main(String[] arguments) throws Throwable {
        try {
            File jar = ownJar();
            Class.forName(PACKAGE + "bootstrap.CommandLine", true, new Stage(read(jar), PACKAGE))
                    .getMethod("run", File.class, String[].class)
                    .invoke(null, jar, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static File ownJar() throws URISyntaxException {
        return new File(GuardAgent.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    // By buffers: a DataInputStream would have a start link the handles by which it puts numbers together.
    private static Map<String, byte[]> read(File jar) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(jar, "r")) {
            while (true) {
                ByteBuffer header = read(in, LOCAL_HEADER_SIZE).order(ByteOrder.LITTLE_ENDIAN);
                if (header.getInt(0) != LOCAL_HEADER) {
                    throw new IOException(
                            "[" + jar + "] is not as it was built: it has no stored entry [" + ENTRY + "]");
                }
                byte[] name = read(in, Short.toUnsignedInt(header.getShort(26))).array();
                long content = in.getFilePointer() + Short.toUnsignedInt(header.getShort(28));
                in.seek(content);
                int size = header.getInt(18);
                if (new String(name, StandardCharsets.UTF_8).equals(ENTRY)) {
                    return classes(read(in, size));
                }
                in.seek(content + Integer.toUnsignedLong(size));
            }
        } catch (EOFException e) {
            throw new IOException("[" + jar + "] is cut off before the end of [" + ENTRY + "]", e);
        }
    }

    private static ByteBuffer read(RandomAccessFile in, int size) throws IOException {
        byte[] bytes = new byte[size];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static Map<String, byte[]> classes(ByteBuffer in) {
        Map<String, byte[]> classes = new HashMap<>();
        for (int count = in.getInt(); count > 0; count--) {
            byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(name);
            byte[] bytes = new byte[in.getInt()];
            in.get(bytes);
            classes.put(new String(name, StandardCharsets.UTF_8), bytes);
        }
        return classes;
    }

    /** Loads classes that were read, and for the rest asks the loaders of the JDK. */
    private static final class Stage extends ClassLoader {
        private final Map<String, byte[]> classes;
        private final String prefix;

        /** @param prefix of the names of the classes that this loader defines */
        Stage(Map<String, byte[]> classes, String prefix) {
            super(ClassLoader.getPlatformClassLoader());
            this.classes = classes;
            this.prefix = prefix;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            byte[] bytes = name.startsWith(prefix) ? classes.get(name) : null;
            if (bytes == null) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null
                        ? defineClass(name, bytes, 0, bytes.length, GuardAgent.class.getProtectionDomain())
                        : loaded;
            }
        }
    }
}
