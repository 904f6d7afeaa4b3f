// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import jdk.internal.access.SharedSecrets;
import jdk.internal.misc.Unsafe;
import org.jspecify.annotations.Nullable;

/**
 * The file that a stream reads. None of the stream's methods is called: an application may have written it.
 *
 * @param path as it was opened, absolute or not
 * @param open the open file itself, even if it has no name any more; null if this system has no names for open files
 */
public record StreamedFile(String path, @Nullable Path open) {

    /** Streams around streams that are looked through. */
    private static final int MOST_AROUND = 16;

    private static final String CHANNEL_STREAM = "sun.nio.ch.ChannelInputStream";
    private static final String FILE_CHANNEL = "sun.nio.ch.FileChannelImpl";

    /**
     * Looks through streams around others ({@code BufferedInputStream}) to one of {@code FileInputStream} itself or of
     * {@code Files.newInputStream}.
     *
     * @return null if it is none of these, or reads a file that has no path
     * @throws IllegalStateException if this JDK keeps the file elsewhere
     */
    public static @Nullable StreamedFile of(InputStream stream) {
        Unsafe memory = Unsafe.getUnsafe();
        try {
            Object inner = stream;
            for (int around = 0; inner instanceof FilterInputStream && around < MOST_AROUND; around++) {
                inner = memory.getReferenceVolatile(inner, memory.objectFieldOffset(FilterInputStream.class, "in"));
            }
            if (inner == null) {
                return null;
            }
            Class<?> type = inner.getClass();
            if (type == FileInputStream.class) {
                return of(memory, inner);
            }
            if (type.getClassLoader() != null || !type.getName().equals(CHANNEL_STREAM)) {
                return null;
            }
            Object channel = memory.getReference(inner, memory.objectFieldOffset(type, "ch"));
            return channel.getClass().getClassLoader() == null
                            && channel.getClass().getName().equals(FILE_CHANNEL)
                    ? of(memory, channel)
                    : null;
        } catch (InternalError e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") keeps what a stream reads elsewhere: " + e, e);
        }
    }

    /** Both classes call their fields alike. */
    private static @Nullable StreamedFile of(Unsafe memory, Object file) {
        Class<?> type = file.getClass();
        String path = (String) memory.getReference(file, memory.objectFieldOffset(type, "path"));
        FileDescriptor descriptor = (FileDescriptor) memory.getReference(file, memory.objectFieldOffset(type, "fd"));
        if (path == null || descriptor == null) {
            return null;
        }
        int number = SharedSecrets.getJavaIOFileDescriptorAccess().get(descriptor);
        return number < 0 ? null : new StreamedFile(path, JdkInternals.openFile(number));
    }
}
