// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.util.Arrays;

/** As much of DER (X.690) as the two key formats need: definite lengths in their shortest form, single-byte tags. */
final class DerReader {

    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;

    private final byte[] bytes;
    private final int end;
    private int position;

    DerReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private DerReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    boolean isAtEnd() {
        return position == end;
    }

    /** The next tag, or -1 at the end. */
    int peek() {
        return isAtEnd() ? -1 : bytes[position] & 0xff;
    }

    DerReader enter(int tag) throws MalformedKeyException {
        int start = open(tag);
        return new DerReader(bytes, start, position);
    }

    byte[] read(int tag) throws MalformedKeyException {
        int start = open(tag);
        return Arrays.copyOfRange(bytes, start, position);
    }

    void skip() throws MalformedKeyException {
        open(peek());
    }

    void requireEnd() throws MalformedKeyException {
        if (!isAtEnd()) {
            throw malformed();
        }
    }

    /** Moves behind the next element, which has {@code tag}, and says where its content starts. */
    private int open(int tag) throws MalformedKeyException {
        if (tag < 0 || end - position < 2 || peek() != tag) {
            throw malformed();
        }
        position++;
        int length = bytes[position++] & 0xff;
        if (length >= 0x80) {
            length = longLength(length & 0x7f);
        }
        if (length > end - position) {
            throw malformed();
        }
        int start = position;
        position += length;
        return start;
    }

    private int longLength(int octets) throws MalformedKeyException {
        if (octets < 1 || octets > 2 || octets > end - position) {
            throw malformed();
        }
        int length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | bytes[position++] & 0xff;
        }
        if (length < 0x80 || octets == 2 && length < 0x100) {
            throw malformed();
        }
        return length;
    }

    static MalformedKeyException malformed() {
        return new MalformedKeyException("the PEM block does not hold the DER of a key");
    }
}
