// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.util.Arrays;

/** Bytes in the making, big-endian. A stream would take several calls for every byte while nothing is compiled yet. */
public final class ByteWriter {

    private byte[] bytes;
    private int size;

    public ByteWriter(int capacity) {
        this.bytes = new byte[capacity];
    }

    public int size() {
        return size;
    }

    private void room(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }

    public void u1(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    public void u2(int value) {
        room(2);
        bytes[size++] = (byte) (value >> 8);
        bytes[size++] = (byte) value;
    }

    public void u4(int value) {
        u2(value >> 16);
        u2(value);
    }

    public void bytes(byte[] from, int begin, int count) {
        room(count);
        System.arraycopy(from, begin, bytes, size, count);
        size += count;
    }

    public void bytes(ByteWriter from) {
        bytes(from.bytes, 0, from.size);
    }

    /** Replaces what was written at {@code at}. */
    public void u2At(int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    /** @return a new array */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
