// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.format.ByteWriter;
import io.cloacina.guard.agent.format.ClassEditor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a row of the table of hooks puts around the body of a method: the code before it and behind it, as
 * {@link HookTemplateMaker} cut it out of what Byte Buddy made of a method with the same descriptor. It does not depend on
 * the body, so every JDK can be instrumented with it, and Byte Buddy, whose classes alone take several times as long to
 * load as a JVM to start, is not needed.
 *
 * <p>A <em>place</em> is an offset in the new code: doubled; where it is the body's end or behind it, it counts from that
 * end, and is odd.
 *
 * <p>Format of all of them, numbers of two bytes, big-endian, a text as its length and ASCII: the number of templates; for
 * each: its key, see {@link HookWeaving#key}, the size of what follows, and the fields in their order.
 */
final class HookTemplate {

    /** In the pack. */
    static final String FILE = "hooks/templates";

    /** Before the body's first instruction, and behind its last. */
    byte[] before = {};

    byte[] behind = {};

    /** How far the method's arguments move, and its other variables. */
    int argumentShift;

    int localShift;

    int maxStack;
    int maxLocals;

    /** Whether the body's returns lead to the code behind it. */
    boolean returnsToEnd;

    /** Whether the first line of the body is that of the code before it, too. */
    boolean beginsWithLine;

    /** For each: its tag, and one or three texts. */
    List<String[]> constants = new ArrayList<>();

    /** Pairs: a place, a constant whose number stands there in two bytes. */
    int[] uses = {};

    /** Places of branches that lead over the body. */
    int[] longBranches = {};

    /** Groups of four: the places of begin, end and handler, and one more than the constant for the type. */
    int[] handlers = {};

    /** For each: its place, the number of variables, and then pairs for them and the stack: a tag, a constant. */
    int[][] frames = {};

    /** Pairs, for the variables before those of the body. */
    int[] prefix = {};

    /** Puts nothing around a body. */
    static HookTemplate empty() {
        return new HookTemplate();
    }

    void write(ByteWriter to) {
        code(to, before);
        code(to, behind);
        to.u2(argumentShift);
        to.u2(localShift);
        to.u2(maxStack);
        to.u2(maxLocals);
        to.u2(returnsToEnd ? 1 : 0);
        to.u2(beginsWithLine ? 1 : 0);
        to.u2(constants.size());
        for (String[] constant : constants) {
            to.u2(constant.length);
            for (String text : constant) {
                text(to, text);
            }
        }
        numbers(to, uses);
        numbers(to, longBranches);
        numbers(to, handlers);
        to.u2(frames.length);
        for (int[] frame : frames) {
            numbers(to, frame);
        }
        numbers(to, prefix);
    }

    private static void code(ByteWriter to, byte[] code) {
        to.u2(code.length);
        to.bytes(code, 0, code.length);
    }

    private static void numbers(ByteWriter to, int[] numbers) {
        to.u2(numbers.length);
        for (int number : numbers) {
            to.u2(number);
        }
    }

    static void text(ByteWriter to, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.US_ASCII);
        to.u2(encoded.length);
        to.bytes(encoded, 0, encoded.length);
    }

    /** Reads what {@link #write} has written. */
    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        /** Leaves out as many bytes as the next number says, and returns where they begin. */
        int leaveOut() {
            int size = number();
            at += size;
            return at - size;
        }

        int number() {
            int number = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
            at += 2;
            return number;
        }

        String text() {
            int size = number();
            String text = new String(bytes, at, size, StandardCharsets.US_ASCII);
            at += size;
            return text;
        }

        int[] numbers() {
            int[] numbers = new int[number()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = number();
            }
            return numbers;
        }

        private byte[] code() {
            int size = number();
            at += size;
            return Arrays.copyOfRange(bytes, at - size, at);
        }

        HookTemplate template() {
            HookTemplate read = new HookTemplate();
            read.before = code();
            read.behind = code();
            read.argumentShift = number();
            read.localShift = number();
            read.maxStack = number();
            read.maxLocals = number();
            read.returnsToEnd = number() == 1;
            read.beginsWithLine = number() == 1;
            for (int left = number(); left > 0; left--) {
                String[] constant = new String[number()];
                for (int i = 0; i < constant.length; i++) {
                    constant[i] = text();
                }
                read.constants.add(constant);
            }
            read.uses = numbers();
            read.longBranches = numbers();
            read.handlers = numbers();
            read.frames = new int[number()][];
            for (int i = 0; i < read.frames.length; i++) {
                read.frames[i] = numbers();
            }
            read.prefix = numbers();
            return read;
        }
    }

    /** Whether the fields that it reads are in {@code file}, and of the same types. */
    boolean fits(ClassEditor file) {
        for (String[] constant : constants) {
            if (Integer.parseInt(constant[0]) == ClassEditor.FIELD && !file.hasField(constant[2], constant[3])) {
                return false;
            }
        }
        return true;
    }

    /** The numbers of the constants in {@code file}, to which they are added. */
    int[] constantsOf(ClassEditor file) {
        int[] numbers = new int[constants.size()];
        for (int i = 0; i < numbers.length; i++) {
            String[] constant = constants.get(i);
            int tag = Integer.parseInt(constant[0]);
            numbers[i] = tag == ClassEditor.CLASS
                    ? file.type(constant[1])
                    : file.member(tag, constant[1], constant[2], constant[3]);
        }
        return numbers;
    }
}
