// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.agent.format.ClassFile;
import io.cloacina.guard.agent.format.DigestMap;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the archives inside a package hold, by SHA-256: classes, and archives and native libraries; and which of them holds
 * it, the first of several. Once all were read, many threads may ask.
 */
public final class InnerContents implements InnerArchives.Visitor {

    /** Entries that are noted: some twenty megabytes of memory. */
    private static final int MOST_ENTRIES = 200_000;

    /** Names that a class in an archive inside may be asked for by. */
    private static final int MOST_NAMES = 32;

    /** What is longer is no class of any compiler, and not worth the time. */
    private static final int MOST_CLASS_BYTES = 16 << 20;

    /** Archives that are noted. */
    private static final int MOST_ARCHIVES = 10_000;

    private static final int BUFFER_SIZE_BYTES = 8192;

    private final List<Archive> archives = new ArrayList<>();
    private @Nullable Archive current;
    private final DigestMap classes = new DigestMap();
    private final DigestMap files = new DigestMap();
    private final Set<Long> names = new HashSet<>();

    /** An archive inside a package. */
    public static final class Archive {
        private final int number;
        private final int depth;
        private final String name;
        private final @Nullable Archive around;
        private @Nullable PackageHash hash;

        private Archive(int number, int depth, String name, @Nullable Archive around) {
            this.number = number;
            this.depth = depth;
            this.name = name;
            this.around = around;
        }

        /** Counted from 0 in the order in which they lie in the package. */
        public int number() {
            return number;
        }

        /** The archive in which this one lies; null if that is the package. */
        public @Nullable Archive around() {
            return around;
        }

        /** SHA-256 of all of it; null if it could not be read to its end. */
        public @Nullable PackageHash hash() {
            return hash;
        }

        /**
         * Whether it was read to its end, and all around it. What lies in another counts as not there: without a hash none
         * can ask whether it was withdrawn.
         */
        boolean isWhole() {
            return hash != null && (around == null || around.isWhole());
        }

        /** Its place in the package: {@code WEB-INF/lib/library.jar}, with those around in front, separated by {@code !/}. */
        public String path() {
            return around == null ? name : around.path() + "!/" + name;
        }
    }

    InnerContents() {}

    boolean isEmpty() {
        return classes.size() == 0;
    }

    /**
     * Whether there is a class of this content whose entry has the name of the class.
     *
     * @param digest SHA-256 of the content
     */
    public boolean holdsClass(byte[] digest) {
        return classes.contains(digest);
    }

    /** The archive inside that holds such a class, directly; null if none does. */
    @Nullable
    Archive holderOfClass(byte[] digest) {
        return at(classes.get(digest));
    }

    /** The archive inside that holds such a file, directly; null if none does, or the package itself. */
    @Nullable
    Archive holderOfFile(byte[] digest) {
        return at(files.get(digest) - 1);
    }

    private @Nullable Archive at(int number) {
        return number < 0 ? null : archives.get(number);
    }

    /**
     * Whether there is an archive or a native library of this content.
     *
     * @param digest SHA-256 of the content
     */
    public boolean holdsFile(byte[] digest) {
        return files.contains(digest);
    }

    /** Whether a class may be asked for by this path. */
    boolean hasName(String path) {
        return names.contains(hash(path));
    }

    @Override
    public boolean begin(int depth, String name) {
        leave(depth);
        current = new Archive(archives.size(), depth, name, current);
        archives.add(current);
        return archives.size() >= MOST_ARCHIVES;
    }

    @Override
    public void end(int depth, byte[] digest) {
        leave(depth + 1);
        Objects.requireNonNull(current).hash = PackageHash.ofDigest(digest);
        leave(depth);
        addFile(digest);
    }

    /** Those that could not be read to their end have not ended. */
    private void leave(int depth) {
        while (current != null && current.depth >= depth) {
            current = current.around;
        }
    }

    private void addFile(byte[] digest) {
        // 0 is the package itself.
        files.add(digest, current == null ? 0 : current.number + 1);
    }

    @Override
    public boolean visit(String name, InputStream in) throws IOException {
        if (isLibrary(name)) {
            addFile(digest(in));
            return files.size() >= MOST_ENTRIES;
        }
        if (!name.endsWith(".class")) {
            return false;
        }
        byte[] bytes = in.readNBytes(MOST_CLASS_BYTES + 1);
        if (bytes.length > MOST_CLASS_BYTES) {
            return false;
        }
        if (isNamedAs(name, bytes)) {
            classes.add(Sha256.digest().digest(bytes), Objects.requireNonNull(current).number);
        }
        // As a class may be asked for from any root inside the archive, every end of its path is a name.
        String path = name;
        for (int count = 1; ; count++) {
            names.add(hash(path));
            if (count == MOST_NAMES || path.indexOf('/') < 0 || !name.contains("-INF/")) {
                break;
            }
            path = path.substring(path.indexOf('/') + 1);
        }
        return classes.size() >= MOST_ENTRIES || files.size() >= MOST_ENTRIES || names.size() >= 2 * MOST_ENTRIES;
    }

    /** Whether an entry's name is that of the class in it: under another name it would be no class of the package. */
    private static boolean isNamedAs(String entry, byte[] bytes) {
        try {
            return PackageContents.isAt(entry, ClassFile.nameOf(bytes).replace('.', '/') + ".class");
        } catch (SecurityException e) {
            // No class file.
            return false;
        }
    }

    private static boolean isLibrary(String entry) {
        return entry.endsWith(".so")
                || entry.contains(".so.")
                || entry.endsWith(".jnilib")
                || entry.endsWith(".dylib")
                || entry.endsWith(".dll");
    }

    private static byte[] digest(InputStream in) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
        }
        return digest.digest();
    }

    /** Long enough that classes of one package do not meet by chance; a class that does is refused, never let in. */
    private static long hash(String path) {
        long hash = path.length();
        for (int i = 0; i < path.length(); i++) {
            hash = hash * 6364136223846793005L + path.charAt(i);
        }
        return hash;
    }
}
