// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.nio.ByteBuffer;

/**
 * SHA-256 digests, each with a number, 72 bytes of memory for each and fewer; a map of objects takes twice as much. Not safe
 * for threads.
 */
public final class DigestMap {

    /** What {@link #get} answers where there is no such digest. */
    public static final int NONE = -1;

    private static final int LONGS = 4;
    private static final int FIRST_PLACES = 64;

    // A digest of zeros, which is none, is an empty place.
    private long[] table = new long[LONGS * FIRST_PLACES];
    private int[] numbers = new int[FIRST_PLACES];
    private int size;

    /**
     * Adds a digest, unless it is there already.
     *
     * @param digest 32 bytes
     * @param number not {@link #NONE}
     */
    public void add(byte[] digest, int number) {
        if (2 * (size + 1) > table.length / LONGS) {
            grow();
        }
        long[] longs = longs(digest);
        int place = place(table, longs, 0);
        if (!isAt(table, place, longs, 0)) {
            System.arraycopy(longs, 0, table, place, LONGS);
            numbers[place / LONGS] = number;
            size++;
        }
    }

    /** @param digest 32 bytes */
    public boolean contains(byte[] digest) {
        return get(digest) != NONE;
    }

    /**
     * The number of a digest.
     *
     * @param digest 32 bytes
     */
    public int get(byte[] digest) {
        long[] longs = longs(digest);
        int place = place(table, longs, 0);
        return isAt(table, place, longs, 0) ? numbers[place / LONGS] : NONE;
    }

    public int size() {
        return size;
    }

    private void grow() {
        long[] larger = new long[2 * table.length];
        int[] largerNumbers = new int[2 * numbers.length];
        for (int at = 0; at < table.length; at += LONGS) {
            if (!isEmpty(table, at)) {
                int place = place(larger, table, at);
                System.arraycopy(table, at, larger, place, LONGS);
                largerNumbers[place / LONGS] = numbers[at / LONGS];
            }
        }
        table = larger;
        numbers = largerNumbers;
    }

    private static long[] longs(byte[] digest) {
        long[] longs = new long[LONGS];
        ByteBuffer.wrap(digest).asLongBuffer().get(longs);
        return longs;
    }

    /** Where the digest is, or else would be. */
    private static int place(long[] table, long[] longs, int from) {
        int places = table.length / LONGS;
        int at = (int) longs[from] & (places - 1);
        while (!isEmpty(table, LONGS * at) && !isAt(table, LONGS * at, longs, from)) {
            at = (at + 1) & (places - 1);
        }
        return LONGS * at;
    }

    private static boolean isEmpty(long[] table, int at) {
        return (table[at] | table[at + 1] | table[at + 2] | table[at + 3]) == 0;
    }

    private static boolean isAt(long[] table, int at, long[] longs, int from) {
        return table[at] == longs[from]
                && table[at + 1] == longs[from + 1]
                && table[at + 2] == longs[from + 2]
                && table[at + 3] == longs[from + 3];
    }
}
