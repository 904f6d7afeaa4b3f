package io.cloacina.guard.agent.weave;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The one form of a class file whose methods may come in any order (JVM specification, chapter 4).
 *
 * <p>For a class that is loaded already, the JVM builds the file anew, and where it does not keep the order of methods, it
 * takes that of the addresses of their names: another one in the next run.
 */
final class ClassFile {

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private final ByteBuffer in;

    private ClassFile(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes);
    }

    /** The same class with its methods sorted by their bytes. */
    static byte[] withSortedMethods(byte[] bytes) {
        ClassFile file = new ClassFile(bytes);
        file.skipToMethods();
        ByteBuffer in = file.in;
        int count = in.getShort() & 0xffff;
        int begin = in.position();
        byte[][] methods = new byte[count][];
        for (int i = 0; i < count; i++) {
            int from = in.position();
            file.skipMember();
            methods[i] = Arrays.copyOfRange(bytes, from, in.position());
        }
        Arrays.sort(methods, new ByBytes());
        byte[] sorted = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(sorted).position(begin);
        for (byte[] method : methods) {
            out.put(method);
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

    private void skipToMethods() {
        in.position(8); // magic, minor and major version
        skipConstants();
        skip(6); // access flags, this, super
        skip(2 * (in.getShort() & 0xffff)); // interfaces
        for (int fields = in.getShort() & 0xffff; fields > 0; fields--) {
            skipMember();
        }
    }

    private void skipConstants() {
        int count = in.getShort() & 0xffff;
        for (int i = 1; i < count; i++) {
            switch (in.get()) {
                case UTF8 -> skip(in.getShort() & 0xffff);
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

    /** A field or method: access flags, name, descriptor, attributes. */
    private void skipMember() {
        skip(6);
        for (int attributes = in.getShort() & 0xffff; attributes > 0; attributes--) {
            skip(2);
            skip(in.getInt());
        }
    }

    private void skip(int bytes) {
        in.position(in.position() + bytes);
    }
}
