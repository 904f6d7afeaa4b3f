// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

/**
 * Makes an instrumented class of its original: by what is in between, the agent jar has none of the JDK's code.
 *
 * <p>Format: the size of the result; then, until the result is complete, a number of new bytes, these, and a number of
 * bytes to copy from the original with, unless that is 0, the place of the first one. A number has 7 bits a byte, the
 * lowest first, and the highest bit is set in all bytes but the last. A place is relative to the end of what was copied
 * before, its sign in the lowest bit. Straight from the array, for the reason that {@link ClassFile} gives.
 */
public final class ClassChange {

    private final byte[] change;
    private int at;

    private ClassChange(byte[] change) {
        this.change = change;
    }

    /**
     * @param original has to be the one that the change was made from: a change does not know it
     * @return a new array
     * @throws IndexOutOfBoundsException if {@code change} is none, or of another class
     */
    public static byte[] apply(byte[] change, byte[] original) {
        ClassChange read = new ClassChange(change);
        int size = read.number();
        if (size < 0) {
            throw new IndexOutOfBoundsException("a class of " + size + " bytes");
        }
        byte[] result = new byte[size];
        int to = 0;
        int from = 0;
        while (to < size) {
            int made = read.number();
            System.arraycopy(change, read.at, result, to, made);
            read.at += made;
            to += made;
            int copied = read.number();
            if (copied != 0) {
                int place = read.number();
                from += place >>> 1 ^ -(place & 1);
                System.arraycopy(original, from, result, to, copied);
                from += copied;
                to += copied;
            } else if (made == 0) {
                throw new IndexOutOfBoundsException("a part without bytes");
            }
        }
        if (read.at != change.length) {
            throw new IndexOutOfBoundsException("bytes behind the last part");
        }
        return result;
    }

    private int number() {
        int number = 0;
        for (int shift = 0; ; shift += 7) {
            int next = change[at++];
            number |= (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
            if (shift == 28) {
                throw new IndexOutOfBoundsException("a number of more than 32 bits");
            }
        }
    }
}
