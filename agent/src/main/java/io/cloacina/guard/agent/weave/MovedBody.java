// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.format.ByteWriter;
import io.cloacina.guard.agent.format.ClassEditor;
import io.cloacina.guard.agent.format.Opcodes;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;

/**
 * One method of a class file, with the code of a {@link HookTemplate} around its body. The body moves, its variables get
 * other numbers, and its returns lead to the code behind it; so all that names a place in it is written anew
 * (JVM specification, 4.7.3).
 */
final class MovedBody {

    private static final byte[] CODE = ascii("Code");
    private static final byte[] FRAMES = ascii("StackMapTable");
    private static final byte[] LINES = ascii("LineNumberTable");
    private static final byte[] VARIABLES = ascii("LocalVariableTable");
    private static final byte[] VARIABLE_TYPES = ascii("LocalVariableTypeTable");

    private static final String BRIDGE = "io/cloacina/guard/agent/bootstrap/Bridge";

    /** By opcode: whether it stays as it is, or is a variable, increment, branch, switch, return, call; x is not moved. */
    private static final byte[] KINDS =
            ascii(".....................vvvvvvvvvvvvvvvvvvvvvvvvv........vvvvvvvvvvvvvvvvvvvvvvvvv"
                    + ".....................................................i....................bbbbbbbbbbbbbbbxxssrrrrrr....ccc"
                    + "...........x.bbxx");

    private static final int MOST_CODE = 0x7fff;

    private final ClassEditor file;
    private final byte[] bytes;
    private final int method;
    private final HookTemplate template;
    /** The attribute, and in it the code. */
    private final int attribute;

    private final int code;
    private final int length;
    /** Where the instruction that was here is now, and in the end where the body ends. */
    private final int[] moved;

    private int[] constants = {};
    /** The method before whose calls something is put in, and what; 0 if there is none. */
    private int called;

    private byte[] beforeCalls = {};

    MovedBody(ClassEditor file, int method, HookTemplate template) {
        this.file = file;
        this.bytes = file.bytes();
        this.method = method;
        this.template = template;
        this.attribute = file.attribute(file.attributes(method), CODE);
        this.code = attribute + 14;
        this.length = attribute < 0 ? 0 : file.u4(attribute + 10);
        this.moved = new int[length + 1];
    }

    /**
     * Has the first argument of every call pass a method of the bridge.
     *
     * @param number of the called method
     * @return how many calls there are
     */
    int passArgumentsOf(LibraryCall call, int number) {
        called = number;
        int calls = 0;
        for (int at = 0; at < length; at += Opcodes.size(bytes, code, at)) {
            if (KINDS[bytes[code + at] & 0xff] == 'c' && isCall(at)) {
                calls++;
            }
        }
        if (calls > 0) {
            ByteWriter added = new ByteWriter(5);
            int bridge = file.member(ClassEditor.METHOD, BRIDGE, call.bridgeMethod(), LibraryCall.BRIDGE_DESCRIPTOR);
            boolean swaps = call.hasSecondArgument();
            if (swaps) {
                added.u1(Opcodes.SWAP);
            }
            added.u1(Opcodes.INVOKESTATIC);
            added.u2(bridge);
            if (swaps) {
                added.u1(Opcodes.SWAP);
            }
            beforeCalls = added.toBytes();
        }
        return calls;
    }

    private boolean isCall(int at) {
        return called != 0 && file.u2(code + at + 1) == called;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Puts the new code in the place of the method's.
     *
     * @return false if the method has what this is not made for
     */
    boolean exchange() {
        if (attribute < 0 || !isSimple() || !template.fits(file) || !place()) {
            return false;
        }
        constants = template.constantsOf(file);
        ByteWriter all = new ByteWriter(2 * length + 1024);
        all.u2(Math.max(template.maxStack, file.u2(attribute + 6)));
        all.u2(Math.max(template.maxLocals, template.localShift + file.u2(attribute + 8)));
        int sizeAt = all.size();
        all.u4(0);
        int begin = all.size();
        all.bytes(template.before, 0, template.before.length);
        if (!writeBody(all, begin)) {
            return false;
        }
        all.bytes(template.behind, 0, template.behind.length);
        int size = all.size() - begin;
        if (size > MOST_CODE) {
            return false;
        }
        all.u2At(sizeAt + 2, size);
        for (int i = 0; i < template.uses.length; i += 2) {
            all.u2At(begin + at(template.uses[i]), constants[template.uses[i + 1]]);
        }
        for (int place : template.longBranches) {
            int from = at(place);
            boolean forward = (place & 1) == 0;
            byte[] part = forward ? template.before : template.behind;
            int in = forward ? from : from - moved[length];
            int offset = (short) ((part[in + 1] & 0xff) << 8 | part[in + 2] & 0xff);
            int over = moved[length] - template.before.length;
            all.u2At(begin + from + 1, forward ? offset + over : offset - over);
        }
        writeHandlers(all);
        writeTables(all);
        file.exchange(method, attribute, all);
        return true;
    }

    private int at(int place) {
        return (place & 1) == 0 ? place >> 1 : moved[length] + (place >> 1);
    }

    private int exceptions() {
        return code + length;
    }

    private int tables() {
        return exceptions() + 2 + 8 * file.u2(exceptions());
    }

    /** Whether it has no table that is unknown here, and no variable that would have to move by itself. */
    private boolean isSimple() {
        if (template.argumentShift != template.localShift
                && file.u2(attribute + 8) > template.maxLocals - template.localShift) {
            return false;
        }
        int at = tables() + 2;
        for (int left = file.u2(tables()); left > 0; left--) {
            int name = file.u2(at);
            if (!file.isUtf8(name, FRAMES)
                    && !file.isUtf8(name, LINES)
                    && !file.isUtf8(name, VARIABLES)
                    && !file.isUtf8(name, VARIABLE_TYPES)) {
                return false;
            }
            at += 6 + file.u4(at + 2);
        }
        return true;
    }

    /** Finds where each instruction will stand. A method with so many variables or so much code is not among those hooked. */
    private boolean place() {
        int to = template.before.length;
        int size;
        for (int at = 0; at < length; at += size) {
            size = Opcodes.size(bytes, code, at);
            moved[at] = to;
            switch (KINDS[bytes[code + at] & 0xff]) {
                case 'v' -> {
                    int variable = variable(at, bytes[code + at] & 0xff);
                    if (variable > 0xff) {
                        return false;
                    }
                    to += variable < 4 ? 1 : 2;
                }
                case 'i' -> {
                    if (shifted(bytes[code + at + 1] & 0xff) > 0xff) {
                        return false;
                    }
                    to += size;
                }
                case 's' -> to = (to & ~3) + size + at - (at & ~3);
                case 'r' -> to += template.returnsToEnd ? 3 : 1;
                case 'c' -> to += size + (isCall(at) ? beforeCalls.length : 0);
                case 'x' -> {
                    return false;
                }
                default -> to += size;
            }
        }
        moved[length] = to;
        return to <= MOST_CODE;
    }

    private int shifted(int variable) {
        return variable + template.argumentShift;
    }

    /** The number of the variable that it loads or stores, as it will be. */
    private int variable(int at, int opcode) {
        if (opcode < Opcodes.ILOAD_0 || opcode >= Opcodes.ISTORE && opcode < Opcodes.ISTORE_0) {
            return shifted(file.u1(code + at + 1));
        }
        return shifted((opcode >= Opcodes.ISTORE ? opcode - Opcodes.ISTORE_0 : opcode - Opcodes.ILOAD_0) & 3);
    }

    private static void writeVariable(ByteWriter all, int opcode, int variable) {
        boolean store = opcode >= Opcodes.ISTORE;
        int wide = store ? Opcodes.ISTORE : Opcodes.ILOAD;
        int narrow = store ? Opcodes.ISTORE_0 : Opcodes.ILOAD_0;
        int kind = opcode < narrow ? opcode - wide : (opcode - narrow) >> 2;
        if (variable < 4) {
            all.u1(narrow + 4 * kind + variable);
        } else {
            all.u1(wide + kind);
            all.u1(variable);
        }
    }

    private boolean writeBody(ByteWriter all, int begin) {
        int written = 0;
        int size;
        for (int at = 0; at < length; at += size) {
            size = Opcodes.size(bytes, code, at);
            int opcode = bytes[code + at] & 0xff;
            int kind = KINDS[opcode];
            if (kind == '.' || kind == 'r' && !template.returnsToEnd || kind == 'c' && !isCall(at)) {
                continue;
            }
            all.bytes(bytes, code + written, at - written);
            written = at + size;
            switch (kind) {
                case 'v' -> writeVariable(all, opcode, variable(at, opcode));
                case 'i' -> {
                    all.u1(opcode);
                    all.u1(shifted(bytes[code + at + 1] & 0xff));
                    all.u1(bytes[code + at + 2]);
                }
                case 'b' -> {
                    all.u1(opcode);
                    all.u2(moved[at + (short) file.u2(code + at + 1)] - moved[at]);
                }
                case 'r' -> {
                    all.u1(Opcodes.GOTO);
                    all.u2(moved[length] - moved[at]);
                }
                case 'c' -> {
                    all.bytes(beforeCalls, 0, beforeCalls.length);
                    written = at;
                }
                default -> writeSwitch(all, begin, at, size);
            }
        }
        all.bytes(bytes, code + written, length - written);
        return all.size() - begin == moved[length];
    }

    private void writeSwitch(ByteWriter all, int begin, int at, int size) {
        boolean table = file.u1(code + at) == Opcodes.TABLESWITCH;
        all.u1(file.u1(code + at));
        while ((all.size() - begin & 3) != 0) {
            all.u1(0);
        }
        int from = (at & ~3) + 4;
        all.u4(target(at, from));
        all.u4(file.u4(code + from + 4));
        int next = from + 8;
        if (table) {
            all.u4(file.u4(code + next));
            next += 4;
        }
        for (; next < at + size; next += 4) {
            if (!table) {
                all.u4(file.u4(code + next));
                next += 4;
            }
            all.u4(target(at, next));
        }
    }

    private int target(int at, int operand) {
        return moved[at + file.u4(code + operand)] - moved[at];
    }

    /** The first that fits counts, so the body's own come first. */
    private void writeHandlers(ByteWriter all) {
        int own = file.u2(exceptions());
        all.u2(own + template.handlers.length / 4);
        for (int at = exceptions() + 2; at < tables(); at += 8) {
            all.u2(moved[file.u2(at)]);
            all.u2(moved[file.u2(at + 2)]);
            all.u2(moved[file.u2(at + 4)]);
            all.u2(file.u2(at + 6));
        }
        int[] added = template.handlers;
        for (int i = 0; i < added.length; i += 4) {
            all.u2(at(added[i]));
            all.u2(at(added[i + 1]));
            all.u2(at(added[i + 2]));
            all.u2(added[i + 3] == 0 ? 0 : constants[added[i + 3] - 1]);
        }
    }

    private void writeTables(ByteWriter all) {
        int countAt = all.size();
        all.u2(0);
        int count = 0;
        int frames = file.attribute(tables(), FRAMES);
        if (frames >= 0 || template.frames.length > 0) {
            ByteWriter content = new MovedFrames(file, template, constants, moved).write(frames);
            all.u2(frames >= 0 ? file.u2(frames) : file.utf8("StackMapTable"));
            all.u4(content.size());
            all.bytes(content);
            count++;
        }
        int at = tables() + 2;
        for (int left = file.u2(tables()); left > 0; left--) {
            int name = file.u2(at);
            if (file.isUtf8(name, LINES)) {
                writeLines(all, at);
                count++;
            } else if (!file.isUtf8(name, FRAMES)) {
                writeVariables(all, at);
                count++;
            }
            at += 6 + file.u4(at + 2);
        }
        all.u2At(countAt, count);
    }

    private void writeLines(ByteWriter all, int at) {
        all.bytes(bytes, at, 8);
        for (int left = file.u2(at + 6), from = at + 8; left > 0; left--, from += 4) {
            int place = file.u2(from);
            all.u2(place == 0 && template.beginsWithLine ? 0 : moved[place]);
            all.u2(file.u2(from + 2));
        }
    }

    /** {@code this} keeps its number, as Byte Buddy has it. */
    private void writeVariables(ByteWriter all, int at) {
        boolean isStatic = Modifier.isStatic(file.accessFlags(method));
        all.bytes(bytes, at, 8);
        for (int left = file.u2(at + 6), from = at + 8; left > 0; left--, from += 10) {
            int begin = file.u2(from);
            int end = begin + file.u2(from + 2);
            int variable = file.u2(from + 8);
            all.u2(moved[begin]);
            all.u2(moved[end] - moved[begin]);
            all.bytes(bytes, from + 4, 4);
            all.u2(variable == 0 && !isStatic ? 0 : shifted(variable));
        }
    }
}
