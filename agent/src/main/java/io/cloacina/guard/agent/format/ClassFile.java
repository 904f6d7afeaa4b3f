// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Reads as much of a class file as is needed (JVM specification, chapter 4). Straight from the array: this runs while
 * nothing is compiled yet, and a stream or buffer would take several calls for every byte.
 */
public final class ClassFile {

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private final byte[] bytes;
    /** Of the constant with this number: where its content begins. */
    private final int[] constants;

    private int at;

    private ClassFile(byte[] bytes) {
        this.bytes = bytes;
        this.at = 8; // behind magic, minor and major version
        int count = number();
        this.constants = new int[count];
        for (int i = 1; i < count; i++) {
            int tag = bytes[at++];
            constants[i] = at;
            switch (tag) {
                case UTF8 -> skip(number());
                case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> skip(2);
                case METHOD_HANDLE -> skip(3);
                case LONG, DOUBLE -> {
                    skip(8);
                    i++;
                }
                default -> skip(4);
            }
        }
    }

    /**
     * The name of a class, with dots.
     *
     * @throws SecurityException if it cannot be read: what cannot be named cannot be judged
     */
    public static String nameOf(byte[] bytes) {
        try {
            ClassFile file = new ClassFile(bytes);
            file.skip(2); // access flags
            file.at = file.constant(CLASS);
            int name = file.constant(UTF8);
            return new DataInputStream(new ByteArrayInputStream(bytes, name, bytes.length - name))
                    .readUTF()
                    .replace('/', '.');
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new SecurityException("cloacina-guard refused a class whose name cannot be read", e);
        }
    }

    /** Whether it is a class file, and one without any code: also one that has no static initialiser. */
    public static boolean hasNoMethods(byte[] bytes) {
        try {
            ClassFile file = new ClassFile(bytes);
            file.skip(6); // access flags, this, super
            file.skip(2 * file.number()); // interfaces
            for (int fields = file.number(); fields > 0; fields--) {
                file.skipMember();
            }
            return file.number() == 0;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    /**
     * The same class with its methods sorted by their bytes. For a class that is loaded already, the JVM builds the file
     * anew, and where it does not keep the order of methods, it takes that of the addresses of their names: another one in
     * the next run.
     *
     * @throws IndexOutOfBoundsException if it is no class file
     */
    public static byte[] withSortedMethods(byte[] bytes) {
        ClassFile file = new ClassFile(bytes);
        file.skip(6); // access flags, this, super
        file.skip(2 * file.number()); // interfaces
        for (int fields = file.number(); fields > 0; fields--) {
            file.skipMember();
        }
        byte[][] methods = new byte[file.number()][];
        int begin = file.at;
        for (int i = 0; i < methods.length; i++) {
            int from = file.at;
            file.skipMember();
            methods[i] = Arrays.copyOfRange(bytes, from, file.at);
        }
        Arrays.sort(methods, new ByBytes());
        byte[] sorted = bytes.clone();
        int to = begin;
        for (byte[] method : methods) {
            System.arraycopy(method, 0, sorted, to, method.length);
            to += method.length;
        }
        return sorted;
    }

    /** As unsigned numbers. No method reference: to link one costs a start time. */
    private static final class ByBytes implements Comparator<byte[]> {
        @Override
        public int compare(byte[] one, byte[] other) {
            return Arrays.compareUnsigned(one, other);
        }
    }

    /** A field or method: access flags, name, descriptor, attributes. */
    private void skipMember() {
        skip(6);
        for (int attributes = number(); attributes > 0; attributes--) {
            skip(2);
            int high = number();
            skip(high << 16 | number());
        }
    }

    /** Where the content of the constant begins whose number comes next. */
    private int constant(int tag) {
        int content = constants[number()];
        if (content == 0 || bytes[content - 1] != tag) {
            throw new IndexOutOfBoundsException("no constant with tag " + tag);
        }
        return content;
    }

    private int number() {
        int number = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
        at += 2;
        return number;
    }

    private void skip(int count) {
        if (count < 0 || count > bytes.length - at) {
            throw new IndexOutOfBoundsException("a part of " + count + " bytes at " + at);
        }
        at += count;
    }
}
