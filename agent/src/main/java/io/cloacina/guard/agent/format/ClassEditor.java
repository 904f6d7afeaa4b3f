// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A class file (JVM specification, chapter 4) to whose constants new ones are added, and in which the code of single
 * methods is exchanged. All else stays as it is, byte for byte. Reads what the JVM itself shows, so what is no class file
 * ends in an {@link IndexOutOfBoundsException}.
 */
public final class ClassEditor {

    public static final int CLASS = 7;
    public static final int FIELD = 9;
    public static final int METHOD = 10;
    public static final int INTERFACE_METHOD = 11;

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int STRING = 8;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;
    private static final int MOST_CONSTANTS = 0xffff;

    private final byte[] bytes;
    /** Of the constant with this number: where its content begins. */
    private final int[] constants;

    private final int constantsEnd;
    /** Where the number of fields stands. */
    private final int fields;

    private final ByteWriter added = new ByteWriter(512);
    private final Map<String, Integer> addedNumbers = new HashMap<>();
    private int count;
    /** The numbers of the methods' beginnings, and one more, where the last one ends. */
    private final int[] methods;

    private final byte[][] exchanged;

    /** @param bytes of a class file; not changed */
    public ClassEditor(byte[] bytes) {
        this.bytes = bytes;
        this.count = u2(8);
        this.constants = new int[count];
        int at = 10;
        for (int i = 1; i < count; i++) {
            int tag = bytes[at++];
            constants[i] = at;
            switch (tag) {
                case UTF8 -> at += 2 + u2(at);
                case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> at += 2;
                case METHOD_HANDLE -> at += 3;
                case LONG, DOUBLE -> {
                    at += 8;
                    i++;
                }
                default -> at += 4;
            }
        }
        this.constantsEnd = at;
        at += 6; // access flags, this, super
        at += 2 + 2 * u2(at); // interfaces
        this.fields = at;
        at += 2;
        for (int left = u2(fields); left > 0; left--) {
            at = memberEnd(at);
        }
        this.methods = new int[u2(at) + 1];
        at += 2;
        for (int i = 0; i < methods.length; i++) {
            methods[i] = at;
            if (i + 1 < methods.length) {
                at = memberEnd(at);
            }
        }
        this.exchanged = new byte[methods.length][];
    }

    /** Whether the class itself declares this field. */
    public boolean hasField(String name, String descriptor) {
        byte[] nameBytes = name.getBytes(StandardCharsets.US_ASCII);
        byte[] descriptorBytes = descriptor.getBytes(StandardCharsets.US_ASCII);
        int at = fields + 2;
        for (int left = u2(fields); left > 0; left--) {
            if (isUtf8(u2(at + 2), nameBytes) && isUtf8(u2(at + 4), descriptorBytes)) {
                return true;
            }
            at = memberEnd(at);
        }
        return false;
    }

    private int memberEnd(int begin) {
        int at = begin + 8;
        for (int attributes = u2(begin + 6); attributes > 0; attributes--) {
            at += 6 + u4(at + 2);
        }
        return at;
    }

    public int methodCount() {
        return methods.length - 1;
    }

    public int u1(int at) {
        return bytes[at] & 0xff;
    }

    public int u2(int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    public int u4(int at) {
        return u2(at) << 16 | u2(at + 2);
    }

    /** The bytes of the class file; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** The access flags of a method. */
    public int accessFlags(int method) {
        return u2(methods[method]);
    }

    public boolean hasName(int method, byte[] name) {
        return isUtf8(u2(methods[method] + 2), name);
    }

    public String descriptor(int method) {
        return text(u2(methods[method] + 4));
    }

    private String text(int constant) {
        int at = constants[constant];
        return new String(bytes, at + 2, u2(at), StandardCharsets.UTF_8);
    }

    /**
     * The number of a method that the class calls; 0 if it calls none like it.
     *
     * @param descriptorBegin what its descriptor begins with
     */
    public int calledMethod(String owner, String name, String descriptorBegin) {
        for (int i = 1; i < constants.length; i++) {
            int at = constants[i];
            if (at > 0 && bytes[at - 1] == METHOD) {
                int both = constants[u2(at + 2)];
                if (text(u2(both)).equals(name)
                        && text(u2(both + 2)).startsWith(descriptorBegin)
                        && text(u2(constants[u2(at)])).equals(owner)) {
                    return i;
                }
            }
        }
        return 0;
    }

    /** Whether the constant with this number is this text, which is in ASCII. */
    public boolean isUtf8(int constant, byte[] text) {
        int at = constants[constant];
        return u2(at) == text.length && Arrays.equals(bytes, at + 2, at + 2 + text.length, text, 0, text.length);
    }

    /**
     * Where the attribute of this name begins, with its name; -1 if there is none.
     *
     * @param attributes where their number stands
     */
    public int attribute(int attributes, byte[] name) {
        int at = attributes + 2;
        for (int left = u2(attributes); left > 0; left--) {
            if (isUtf8(u2(at), name)) {
                return at;
            }
            at += 6 + u4(at + 2);
        }
        return -1;
    }

    /** Where the number of a method's attributes stands. */
    public int attributes(int method) {
        return methods[method] + 6;
    }

    /**
     * Puts another attribute in the place of one.
     *
     * @param attribute where it begins
     * @param content without name and size
     */
    public void exchange(int method, int attribute, ByteWriter content) {
        if (exchanged[method] != null) {
            throw new IllegalStateException("an attribute of this method is exchanged already");
        }
        int end = attribute + 6 + u4(attribute + 2);
        ByteWriter all = new ByteWriter(methods[method + 1] - methods[method] + content.size());
        all.bytes(bytes, methods[method], attribute + 2 - methods[method]);
        all.u4(content.size());
        all.bytes(content);
        all.bytes(bytes, end, methods[method + 1] - end);
        exchanged[method] = all.toBytes();
    }

    private int number(String key) {
        Integer known = addedNumbers.get(key);
        if (known != null) {
            return known;
        }
        if (count >= MOST_CONSTANTS) {
            throw new IndexOutOfBoundsException("a class with no room for another constant");
        }
        return -1;
    }

    private int added(String key) {
        addedNumbers.put(key, count);
        return count++;
    }

    /** The number of this text, which is in ASCII. */
    public int utf8(String text) {
        String key = "u" + text;
        int known = number(key);
        if (known < 0) {
            byte[] encoded = text.getBytes(StandardCharsets.US_ASCII);
            added.u1(UTF8);
            added.u2(encoded.length);
            added.bytes(encoded, 0, encoded.length);
            known = added(key);
        }
        return known;
    }

    /** The number of this class, its name with slashes. */
    public int type(String name) {
        String key = "c" + name;
        int known = number(key);
        if (known < 0) {
            int text = utf8(name);
            added.u1(CLASS);
            added.u2(text);
            known = added(key);
        }
        return known;
    }

    /** The number of this field or method. */
    public int member(int tag, String owner, String name, String descriptor) {
        String key = tag + owner + ' ' + name + ' ' + descriptor;
        int known = number(key);
        if (known < 0) {
            int type = type(owner);
            int nameText = utf8(name);
            int descriptorText = utf8(descriptor);
            added.u1(NAME_AND_TYPE);
            added.u2(nameText);
            added.u2(descriptorText);
            int both = count++;
            added.u1(tag);
            added.u2(type);
            added.u2(both);
            known = added(key);
        }
        return known;
    }

    /** @return a new array */
    public byte[] toBytes() {
        if (count > MOST_CONSTANTS) {
            throw new IndexOutOfBoundsException("a class with more constants than there can be");
        }
        ByteWriter all = new ByteWriter(bytes.length + 4096);
        all.bytes(bytes, 0, 8);
        all.u2(count);
        all.bytes(bytes, 10, constantsEnd - 10);
        all.bytes(added);
        int from = constantsEnd;
        for (int i = 0; i + 1 < methods.length; i++) {
            if (exchanged[i] != null) {
                all.bytes(bytes, from, methods[i] - from);
                all.bytes(exchanged[i], 0, exchanged[i].length);
                from = methods[i + 1];
            }
        }
        all.bytes(bytes, from, bytes.length - from);
        return all.toBytes();
    }
}
