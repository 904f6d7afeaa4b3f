// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * Tells what is no archive, as are the licenses and signatures that a launcher puts on a class path with everything
 * else in a directory, and JARs that were cut off. The JVM loads nothing from them, so there is nothing to decide on
 * and to record.
 */
final class Archives {

    /** Signature of the end of central directory record (APPNOTE.TXT, 4.3.16), byte by byte. */
    private static final byte[] END = {'P', 'K', 5, 6};

    private static final int END_SIZE_BYTES = 22;

    /** The longest comment behind the record, and some more than {@code java.util.zip} looks at. */
    private static final int MOST_BEHIND_BYTES = 65_535 + 512;

    private Archives() {}

    /**
     * Whether {@code file} has not the record without which {@code java.util.zip} opens none, whatever it is called.
     * What is no plain file, or cannot be read, may be one. So may what ends with zeros, as a file does that was
     * preallocated and whose content is still to come: it is judged, and an unsigned one is on record.
     */
    static boolean isNone(File file) {
        if (!file.isFile()) {
            return false;
        }
        try (RandomAccessFile in = new RandomAccessFile(file, "r")) {
            long size = in.length();
            return !mayHaveEnd(in, size, END_SIZE_BYTES) && !mayHaveEnd(in, size, END_SIZE_BYTES + MOST_BEHIND_BYTES);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean mayHaveEnd(RandomAccessFile in, long size, int tailBytes) throws IOException {
        byte[] tail = new byte[(int) Math.min(size, tailBytes)];
        in.seek(size - tail.length);
        in.readFully(tail);
        boolean zeros = size >= END_SIZE_BYTES;
        for (int at = tail.length - 1; at >= 0; at--) {
            zeros &= tail[at] == 0;
            if (at + END.length <= tail.length
                    && tail[at] == END[0]
                    && tail[at + 1] == END[1]
                    && tail[at + 2] == END[2]
                    && tail[at + 3] == END[3]) {
                return true;
            }
        }
        return zeros;
    }
}
