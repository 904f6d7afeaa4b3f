// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.crypto.Sha256;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Reads the archives inside a package, as streams. How deep they are and how much is inflated is bounded, as in audit
 * mode they come from packages that are not signed. What is behind a bound, or behind something that cannot be read,
 * counts as not there.
 *
 * <p>For one thread.
 */
public final class InnerArchives {

    /** An archive in an archive in an archive: more than any known host reads. */
    static final int MAX_DEPTH = 4;

    /** What even the smallest package may have inflated. */
    static final long MIN_BYTES = 512L << 20;

    /** How much of that larger packages may have for each of their own bytes; classes and text deflate to a third. */
    private static final int MAX_RATIO = 16;

    /** What an entry counts for, however small it is. */
    private static final int ENTRY_BYTES = 64;

    private static final int BUFFER_SIZE_BYTES = 8192;

    private long left;

    /** @param packageBytes the size of the package around the archives */
    public InnerArchives(long packageBytes) {
        this.left = Math.max(MIN_BYTES, packageBytes * MAX_RATIO);
    }

    /** Gets what the archives hold. */
    public interface Visitor {
        /**
         * @param name of an entry that is no archive itself
         * @param in its data; need not be read
         * @return whether the search ends here
         */
        boolean visit(String name, InputStream in) throws IOException;

        /**
         * An archive inside begins; its entries are visited next.
         *
         * @param depth 1 for one that lies in the package itself
         * @param name of its entry in the archive around
         * @return whether the search ends here
         */
        default boolean begin(int depth, String name) {
            return false;
        }

        /**
         * The archive that began last at this depth was read to its end.
         *
         * @param digest SHA-256 of it
         */
        default void end(int depth, byte[] digest) {}
    }

    /** As {@link #search(InputStream, Visitor)}, for an archive that is an inner one itself. */
    public boolean searchInner(String name, InputStream archive, Visitor visitor) {
        if (visitor.begin(1, name)) {
            return true;
        }
        DigestInputStream in = new DigestInputStream(archive, Sha256.digest());
        if (search(in, visitor)) {
            return true;
        }
        try {
            // Behind its entries is their directory.
            readToEnd(new Counted(in));
        } catch (IOException e) {
            // Broken, or too large: it has no digest.
            return false;
        }
        visitor.end(1, in.getMessageDigest().digest());
        return false;
    }

    /**
     * Shows all entries of an archive and of those in it to {@code visitor}.
     *
     * @return whether the visitor ended the search
     */
    public boolean search(InputStream archive, Visitor visitor) {
        try {
            return search(archive, visitor, 1);
        } catch (IOException | IllegalArgumentException e) {
            // Broken, too large, or a name that says it is UTF-8 and is not: nothing more is found in it.
            return false;
        }
    }

    private boolean search(InputStream archive, Visitor visitor, int depth) throws IOException {
        // Names of old programs have some charset of their own. This one reads all of them; see name().
        ZipInputStream zip = new ZipInputStream(archive, StandardCharsets.ISO_8859_1);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = name(entry);
            spend(ENTRY_BYTES + name.length());
            InputStream in = new Counted(zip);
            boolean inner = PackageContents.isInnerArchive(name);
            if (!inner) {
                if (visitor.visit(name, in)) {
                    return true;
                }
            } else {
                if (visitor.begin(depth + 1, name)) {
                    return true;
                }
                in = new DigestInputStream(in, Sha256.digest());
                if (depth < MAX_DEPTH && searchInner(in, visitor, depth + 1)) {
                    return true;
                }
            }
            // Not left to the next entry, which would inflate it without a bound.
            readToEnd(in);
            if (in instanceof DigestInputStream digesting) {
                visitor.end(depth + 1, digesting.getMessageDigest().digest());
            }
        }
        return false;
    }

    private static void readToEnd(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        int n;
        do {
            n = in.read(buffer);
        } while (n >= 0);
    }

    private boolean searchInner(InputStream in, Visitor visitor, int depth) throws IOException {
        try {
            return search(in, visitor, depth);
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            // The archive around it goes on, if there is anything left to spend.
            spend(0);
            return false;
        }
    }

    /** Without the flag for UTF-8, names are UTF-8 all the same in archives of most programs. */
    private static String name(ZipEntry entry) {
        String name = entry.getName();
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 0xff) {
                return name;
            }
        }
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        String decoded = new String(bytes, StandardCharsets.UTF_8);
        return decoded.indexOf('\ufffd') < 0 ? decoded : name;
    }

    private void spend(long bytes) throws ZipException {
        left -= bytes;
        if (left < 0) {
            throw new ZipException("the archives inside the package are too large");
        }
    }

    /** Data of an entry, which is paid for. Closing it leaves the archive open. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = in.read(bytes, offset, length);
            spend(Math.max(n, 0));
            return n;
        }

        @Override
        public long skip(long count) throws IOException {
            return read(new byte[(int) Math.min(Math.max(count, 0), BUFFER_SIZE_BYTES)]);
        }

        @Override
        public void close() {}
    }
}
