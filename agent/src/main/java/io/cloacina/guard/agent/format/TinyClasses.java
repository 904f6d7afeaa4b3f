// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * The two smallest class files that the start-up self-test needs (JVM specification, chapter 4), without any library.
 */
public final class TinyClasses {

    private static final int MAGIC = 0xcafebabe;
    private static final int JAVA_17 = 61;
    private static final int UTF8 = 1;
    private static final int CLASS = 7;
    private static final int MODULE = 19;
    private static final int ACC_PUBLIC_SUPER = 0x21;
    private static final int ACC_MODULE = 0x8000;
    private static final int ACC_MANDATED = 0x8000;

    private TinyClasses() {}

    /** The beginning of every class file. */
    private static DataOutputStream begin(ByteArrayOutputStream bytes) throws IOException {
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeInt(JAVA_17);
        return out;
    }

    /** An empty class. */
    public static byte[] named(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = begin(bytes);
        out.writeShort(5);
        text(out, name.replace('.', '/')); // 1
        reference(out, CLASS, 1); // 2
        text(out, "java/lang/Object"); // 3
        reference(out, CLASS, 3); // 4
        shorts(out, ACC_PUBLIC_SUPER, 2, 4, 0, 0, 0, 0);
        return bytes.toByteArray();
    }

    /** The {@code module-info} of a module that has nothing but its name. */
    public static byte[] moduleInfo(String module) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = begin(bytes);
        out.writeShort(8);
        text(out, "module-info"); // 1
        reference(out, CLASS, 1); // 2
        text(out, "Module"); // 3
        text(out, module); // 4
        reference(out, MODULE, 4); // 5
        text(out, "java.base"); // 6
        reference(out, MODULE, 6); // 7
        shorts(out, ACC_MODULE, 2, 0, 0, 0, 0, 1);
        out.writeShort(3);
        out.writeInt(22);
        // name, flags, version; one requires: java.base; no exports, opens, uses, provides
        shorts(out, 5, 0, 0, 1, 7, ACC_MANDATED, 0, 0, 0, 0, 0);
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String value) throws IOException {
        out.writeByte(UTF8);
        out.writeUTF(value);
    }

    private static void reference(DataOutputStream out, int tag, int index) throws IOException {
        out.writeByte(tag);
        out.writeShort(index);
    }

    private static void shorts(DataOutputStream out, int... values) throws IOException {
        for (int value : values) {
            out.writeShort(value);
        }
    }
}
