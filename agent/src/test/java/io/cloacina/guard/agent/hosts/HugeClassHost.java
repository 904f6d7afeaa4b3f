// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;

/** Defines, past all hooks, a class so large that the heap has no space for another copy of it. */
public final class HugeClassHost {

    private HugeClassHost() {}

    /** {@code SIZE_BYTES…} */
    public static void main(String[] arguments) throws Exception {
        Method define = ClassLoader.class.getDeclaredMethod(
                "defineClass1",
                ClassLoader.class,
                String.class,
                byte[].class,
                int.class,
                int.class,
                ProtectionDomain.class,
                String.class);
        define.setAccessible(true);
        for (String size : arguments) {
            byte[] bytes = classOf(Integer.parseInt(size));
            try {
                define.invoke(null, new ClassLoader(null) {}, null, bytes, 0, bytes.length, null, null);
                System.out.println("DEFINED");
            } catch (InvocationTargetException e) {
                System.out.println("REFUSED " + e.getCause().getClass().getSimpleName());
            }
        }
    }

    /** The class {@code Huge} (JVM specification, chapter 4), with an attribute that nobody knows. */
    private static byte[] classOf(int attributeBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0xcafebabe);
        out.writeInt(61);
        out.writeShort(6);
        out.writeByte(7);
        out.writeShort(2);
        out.writeByte(1);
        out.writeUTF("Huge");
        out.writeByte(7);
        out.writeShort(4);
        out.writeByte(1);
        out.writeUTF("java/lang/Object");
        out.writeByte(1);
        out.writeUTF("Filler");
        out.writeShort(0x21);
        out.writeShort(1);
        out.writeShort(3);
        out.writeShort(0);
        out.writeShort(0);
        out.writeShort(0);
        out.writeShort(1);
        out.writeShort(5);
        out.writeInt(attributeBytes);
        byte[] whole = new byte[bytes.size() + attributeBytes];
        System.arraycopy(bytes.toByteArray(), 0, whole, 0, bytes.size());
        return whole;
    }
}
