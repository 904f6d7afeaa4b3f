// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.format.ByteWriter;
import io.cloacina.guard.agent.format.ClassEditor;

/**
 * The stack maps of a method whose body was moved (JVM specification, 4.7.4). Those of the template say all. Those of the
 * body say what is new since the one before, which holds as before, since the template's last one ends with the body's
 * arguments; only those that say all get the variables before the body's.
 */
final class MovedFrames {

    private static final int SAME_WITH_STACK = 64;
    private static final int SAME_WITH_STACK_FAR = 247;
    private static final int SAME_FAR = 251;
    private static final int FULL = 255;

    private static final int UNINITIALIZED_THIS = 6;
    private static final int OBJECT = 7;
    private static final int UNINITIALIZED = 8;

    private final ClassEditor file;
    private final HookTemplate template;
    private final int[] constants;
    private final int[] moved;
    private final ByteWriter all = new ByteWriter(512);
    private int at;
    private int last = -1;
    private int count;

    MovedFrames(ClassEditor file, HookTemplate template, int[] constants, int[] moved) {
        this.file = file;
        this.template = template;
        this.constants = constants;
        this.moved = moved;
    }

    /** @param attribute with the body's; -1 if there are none */
    ByteWriter write(int attribute) {
        all.u2(0);
        for (int[] frame : template.frames) {
            if ((frame[0] & 1) == 0) {
                writeNew(frame, frame[0] >> 1);
            }
        }
        if (attribute >= 0) {
            at = attribute + 8;
            int place = -1;
            for (int left = file.u2(attribute + 6); left > 0; left--) {
                place = move(place);
            }
        }
        for (int[] frame : template.frames) {
            if ((frame[0] & 1) == 1) {
                writeNew(frame, moved[moved.length - 1] + (frame[0] >> 1));
            }
        }
        all.u2At(0, count);
        return all;
    }

    private void writeNew(int[] frame, int place) {
        all.u1(FULL);
        offset(place);
        int locals = frame[1];
        all.u2(locals);
        writePairs(frame, 2, 2 + 2 * locals);
        all.u2((frame.length - 2) / 2 - locals);
        writePairs(frame, 2 + 2 * locals, frame.length);
    }

    private void offset(int place) {
        all.u2(place - last - 1);
        last = place;
        count++;
    }

    private void writePairs(int[] pairs, int from, int to) {
        for (int i = from; i < to; i += 2) {
            all.u1(pairs[i]);
            if (pairs[i] == OBJECT) {
                all.u2(constants[pairs[i + 1]]);
            }
        }
    }

    /**
     * Writes the frame that comes next.
     *
     * @param before where the one before it was in the body
     * @return where it was
     */
    private int move(int before) {
        int kind = file.u1(at++);
        int delta;
        if (kind < SAME_WITH_STACK) {
            delta = kind;
        } else if (kind < 2 * SAME_WITH_STACK) {
            delta = kind - SAME_WITH_STACK;
        } else {
            delta = file.u2(at);
            at += 2;
        }
        int place = before + delta + 1;
        int to = moved[place];
        if (kind < SAME_WITH_STACK) {
            all.u1(SAME_FAR);
            offset(to);
        } else if (kind < 2 * SAME_WITH_STACK || kind == SAME_WITH_STACK_FAR) {
            all.u1(SAME_WITH_STACK_FAR);
            offset(to);
            types(1);
        } else if (kind <= SAME_FAR) {
            all.u1(kind);
            offset(to);
        } else if (kind < FULL) {
            all.u1(kind);
            offset(to);
            types(kind - SAME_FAR);
        } else {
            all.u1(FULL);
            offset(to);
            moveFull();
        }
        return place;
    }

    private void moveFull() {
        int locals = file.u2(at);
        at += 2;
        int[] prefix = template.prefix;
        all.u2(prefix.length / 2 + locals);
        // Initialised by the body, it is so in both variables.
        if (prefix.length > 0 && prefix[0] == UNINITIALIZED_THIS && locals > 0) {
            int begin = at;
            types(1);
            at = begin;
            writePairs(prefix, 2, prefix.length);
        } else {
            writePairs(prefix, 0, prefix.length);
        }
        types(locals);
        int stack = file.u2(at);
        all.u2(stack);
        at += 2;
        types(stack);
    }

    private void types(int number) {
        for (int left = number; left > 0; left--) {
            int tag = file.u1(at++);
            all.u1(tag);
            if (tag == OBJECT) {
                all.u2(file.u2(at));
                at += 2;
            } else if (tag == UNINITIALIZED) {
                all.u2(moved[file.u2(at)]);
                at += 2;
            }
        }
    }
}
