package io.cloacina.guard.agent.guard;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;

/** Reads the name of a class off its bytes (JVM specification, chapter 4). */
final class ClassName {

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private ClassName() {}

    /**
     * The name with dots.
     *
     * @throws SecurityException if it cannot be read: what cannot be named cannot be judged
     */
    static String of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            in.skipNBytes(8); // magic, minor and major version
            int count = in.readUnsignedShort();
            String[] texts = new String[count];
            int[] classNames = new int[count];
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case UTF8 -> texts[i] = in.readUTF();
                    case CLASS -> classNames[i] = in.readUnsignedShort();
                    case LONG, DOUBLE -> {
                        in.skipNBytes(8);
                        i++;
                    }
                    case STRING, METHOD_TYPE, MODULE, PACKAGE -> in.skipNBytes(2);
                    case METHOD_HANDLE -> in.skipNBytes(3);
                    default -> in.skipNBytes(4);
                }
            }
            in.skipNBytes(2); // access flags
            String name = texts[classNames[in.readUnsignedShort()]];
            if (name == null) {
                throw new SecurityException("cloacina-guard refused a class whose name cannot be read");
            }
            return name.replace('/', '.');
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
            throw new SecurityException("cloacina-guard refused a class whose name cannot be read", e);
        }
    }
}
