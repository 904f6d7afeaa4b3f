// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The packets of an OpenPGP message or key, framed as RFC 9580, section 4.2 has it. The library gets single packets whose
 * lengths are known to be true, so none can have it wait for more or make room for what is not there.
 */
final class PgpPackets {

    static final int SIGNATURE = 2;
    static final int ONE_PASS_SIGNATURE = 4;
    static final int SECRET_KEY = 5;
    static final int PUBLIC_KEY = 6;
    static final int SECRET_SUBKEY = 7;
    static final int COMPRESSED = 8;
    static final int MARKER = 10;
    static final int LITERAL = 11;
    static final int TRUST = 12;
    static final int USER_ID = 13;
    static final int PUBLIC_SUBKEY = 14;
    static final int USER_ATTRIBUTE = 17;
    static final int PADDING = 21;

    private final byte[] content;
    private int position;

    private PgpPackets(byte[] content) {
        this.content = content;
    }

    /**
     * @param whole with its header
     * @param body of it
     */
    record Packet(int tag, byte[] whole, byte[] body) {}

    /** @throws IllegalArgumentException if the content is no sequence of packets */
    static List<Packet> read(byte[] content) {
        PgpPackets reader = new PgpPackets(content);
        List<Packet> packets = new ArrayList<>();
        while (reader.position < content.length) {
            packets.add(reader.next());
        }
        return packets;
    }

    private Packet next() {
        int begin = position;
        int header = octet();
        if ((header & 0x80) == 0) {
            throw new IllegalArgumentException("it holds something else than OpenPGP packets");
        }
        boolean newFormat = (header & 0x40) != 0;
        int tag = newFormat ? header & 0x3f : header >> 2 & 0xf;
        long length = newFormat ? newLength() : oldLength(header & 3);
        if (tag == 0 || length > content.length - position) {
            throw new IllegalArgumentException("a packet is cut off");
        }
        int bodyBegin = position;
        position += (int) length;
        return new Packet(
                tag, Arrays.copyOfRange(content, begin, position), Arrays.copyOfRange(content, bodyBegin, position));
    }

    private long oldLength(int type) {
        return switch (type) {
            case 0 -> octet();
            case 1 -> number(2);
            case 2 -> number(4);
            default -> throw new IllegalArgumentException("a packet has no length, which only data may have");
        };
    }

    private long newLength() {
        int first = octet();
        if (first < 192) {
            return first;
        }
        if (first < 224) {
            return (first - 192L << 8) + octet() + 192;
        }
        if (first < 255) {
            throw new IllegalArgumentException("a packet comes in parts, which only data may do");
        }
        return number(4);
    }

    private long number(int octets) {
        long number = 0;
        for (int i = 0; i < octets; i++) {
            number = number << 8 | octet();
        }
        return number;
    }

    private int octet() {
        if (position >= content.length) {
            throw new IllegalArgumentException("a packet is cut off");
        }
        return content[position++] & 0xff;
    }

    /**
     * Requires of a signature packet that its areas of subpackets lie in it; of a version with none there is nothing to
     * require.
     *
     * @return its version
     * @throws IllegalArgumentException if they do not
     */
    static int requireSound(byte[] signature) {
        PgpPackets reader = new PgpPackets(signature);
        int version = reader.octet();
        if (version == 4 || version == 6) {
            reader.skip(3);
            int octets = version == 4 ? 2 : 4;
            reader.skip(reader.number(octets));
            reader.skip(reader.number(octets));
        }
        return version;
    }

    private void skip(long octets) {
        if (octets > content.length - position) {
            throw new IllegalArgumentException("a signature is cut off");
        }
        position += (int) octets;
    }
}
