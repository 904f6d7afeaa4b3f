// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

/** What the program ends with. */
public final class ExitStatus {

    /** Done, or verified. */
    public static final int DONE = 0;

    /** The answer is no: verification failed, or policy refuses. */
    public static final int REFUSED = 1;

    /** Asked wrongly: the command line, or something that it names. */
    static final int USAGE = 2;

    /** The store or a file did not do what it must. */
    static final int TROUBLE = 3;

    /** A bug in this program (EX_SOFTWARE of BSD's sysexits). */
    static final int BUG = 70;

    private ExitStatus() {}

    /** Of the statuses of several files: trouble wins over refusal, refusal over done. */
    static int worse(int one, int other) {
        return Math.max(one, other);
    }
}
