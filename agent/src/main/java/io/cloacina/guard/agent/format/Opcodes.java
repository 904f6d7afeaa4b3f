// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

/** Instructions of the JVM (JVM specification, chapter 6), as far as code is moved by them. */
public final class Opcodes {

    public static final int ILOAD = 21;
    public static final int ILOAD_0 = 26;
    public static final int ISTORE = 54;
    public static final int ISTORE_0 = 59;
    public static final int SWAP = 95;
    public static final int IINC = 132;
    public static final int IFEQ = 153;
    public static final int GOTO = 167;
    public static final int JSR = 168;
    public static final int RET = 169;
    public static final int TABLESWITCH = 170;
    public static final int LOOKUPSWITCH = 171;
    public static final int IRETURN = 172;
    public static final int RETURN = 177;
    public static final int INVOKEVIRTUAL = 182;
    public static final int INVOKESTATIC = 184;
    public static final int WIDE = 196;
    public static final int IFNULL = 198;
    public static final int IFNONNULL = 199;
    public static final int GOTO_W = 200;
    public static final int JSR_W = 201;

    /** By opcode; 0 where it depends. */
    private static final String SIZES = "1111111111111111" // constants
            + "23233" // bipush, sipush, ldc, ldc_w, ldc2_w
            + "22222" // load
            + "1111111111111111111111111111" // load_n, array loads
            + "22222" // store
            + "1111111111111111111111111111" // store_n, array stores
            + "111111111111111111111111111111111111111111111" // stack, arithmetic
            + "3" // iinc
            + "11111111111111111111" // conversions, comparisons
            + "3333333333333333" // branches
            + "2" // ret
            + "00" // switches
            + "111111" // returns
            + "3333333" // members
            + "55" // invokeinterface, invokedynamic
            + "323" // new, newarray, anewarray
            + "11" // arraylength, athrow
            + "33" // checkcast, instanceof
            + "11" // monitors
            + "0" // wide
            + "4" // multianewarray
            + "33" // ifnull, ifnonnull
            + "55"; // goto_w, jsr_w

    private Opcodes() {}

    /**
     * The size of an instruction, with its operands.
     *
     * @param code where the code begins in the class file
     * @param at where the instruction stands in the code
     */
    public static int size(ClassEditor file, int code, int at) {
        int opcode = file.u1(code + at);
        int size = SIZES.charAt(opcode) - '0';
        if (size != 0) {
            return size;
        }
        if (opcode == WIDE) {
            return file.u1(code + at + 1) == IINC ? 6 : 4;
        }
        int begin = (at & ~3) + 4;
        return opcode == TABLESWITCH
                ? begin + 12 + 4 * (file.u4(code + begin + 8) - file.u4(code + begin + 4) + 1) - at
                : begin + 8 + 8 * file.u4(code + begin + 4) - at;
    }

    /** Whether the instruction is a branch with an offset of two bytes. */
    public static boolean isBranch(int opcode) {
        return opcode >= IFEQ && opcode <= JSR || opcode == IFNULL || opcode == IFNONNULL;
    }

    public static boolean isReturn(int opcode) {
        return opcode >= IRETURN && opcode <= RETURN;
    }
}
