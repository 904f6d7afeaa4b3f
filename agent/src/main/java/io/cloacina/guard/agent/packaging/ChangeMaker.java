// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.format.ClassChange;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the {@link ClassChange} from one class to another: at each place of the result the longest run of bytes that the
 * original has too. The same two classes always give the same change.
 */
final class ChangeMaker {

    /**
     * Shorter runs are not copied: an offset of the code or the number of a constant that instrumenting has changed is
     * as likely to be found at any other place as at its own.
     */
    private static final int SHORTEST = 6;

    /** Where copying goes on after new bytes, so little is copied too: it takes no more room than the bytes. */
    private static final int SHORTEST_IN_LINE = 3;

    /** Of the places where the original has the same bytes, as many are compared. */
    private static final int TRIES = 64;

    private final byte[] original;
    private final byte[] result;
    private final int[] earlier;
    private final Map<Integer, Integer> last = new HashMap<>();
    private final ByteArrayOutputStream change = new ByteArrayOutputStream();

    private ChangeMaker(byte[] original, byte[] result) {
        this.original = original;
        this.result = result;
        this.earlier = new int[original.length];
        for (int i = 0; i + SHORTEST <= original.length; i++) {
            Integer before = last.put(key(original, i), i);
            earlier[i] = before == null ? -1 : before;
        }
    }

    /**
     * @return which {@link ClassChange#apply} makes {@code result} of {@code original} with
     * @throws IllegalStateException if it does not
     */
    static byte[] between(byte[] original, byte[] result) {
        byte[] change = new ChangeMaker(original, result).make();
        if (!Arrays.equals(result, ClassChange.apply(change, original))) {
            throw new IllegalStateException("a change does not make the class that it was made for");
        }
        return change;
    }

    private byte[] make() {
        number(result.length);
        int from = 0;
        int madeSince = 0;
        int to = 0;
        while (to < result.length) {
            int made = to - madeSince;
            int place = -1;
            int length = same(from + made, to);
            if (length >= SHORTEST_IN_LINE || length > 0 && to + length == result.length) {
                place = from + made;
            } else {
                length = 0;
            }
            if (to + SHORTEST <= result.length) {
                int tries = TRIES;
                int found = last.getOrDefault(key(result, to), -1);
                for (; found >= 0 && tries > 0; found = earlier[found], tries--) {
                    int here = same(found, to);
                    if (here >= SHORTEST && here > length) {
                        length = here;
                        place = found;
                    }
                }
            }
            if (place < 0) {
                to++;
                continue;
            }
            part(madeSince, made, length);
            int relative = place - from;
            number(relative << 1 ^ relative >> 31);
            from = place + length;
            to += length;
            madeSince = to;
        }
        if (madeSince < to) {
            part(madeSince, to - madeSince, 0);
        }
        return change.toByteArray();
    }

    private void part(int begin, int made, int copied) {
        number(made);
        change.write(result, begin, made);
        number(copied);
    }

    /** How many bytes of the original from {@code from} on are those of the result from {@code to} on. */
    private int same(int from, int to) {
        if (from < 0 || from >= original.length) {
            return 0;
        }
        int mismatch = Arrays.mismatch(original, from, original.length, result, to, result.length);
        return mismatch < 0 ? Math.min(original.length - from, result.length - to) : mismatch;
    }

    private static int key(byte[] bytes, int from) {
        return Arrays.hashCode(Arrays.copyOfRange(bytes, from, from + SHORTEST));
    }

    private void number(int number) {
        int rest = number;
        while ((rest & ~0x7f) != 0) {
            change.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        change.write(rest);
    }
}
