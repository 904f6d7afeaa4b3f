// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailureTest {

    @Test
    void refusal_suppressedInTheMissingClass_isTheReason() {
        var missing = new ClassNotFoundException("Butler");
        missing.addSuppressed(new IOException("beside the point"));
        missing.addSuppressed(new SecurityException("butler.jar is not signed.\n\tSign it.\n"));
        assertEquals("refused  butler.jar is not signed. Sign it.", Failure.describe(missing));
    }

    @Test
    void refusal_behindAnUnsatisfiedLink_isTheReason() {
        var link = new UnsatisfiedLinkError("libx.so");
        link.initCause(new IllegalStateException(new SecurityException("tampered")));
        assertEquals("refused  tampered", Failure.describe(link));
    }

    @Test
    void failure_thatNobodyForbade_isBroken() {
        assertEquals("broken   java.lang.ClassNotFoundException: X", Failure.describe(new ClassNotFoundException("X")));
    }

    @Test
    void causes_inACircle_end() {
        var one = new IllegalStateException("one");
        one.initCause(new IllegalStateException("two", one));
        assertEquals("broken   java.lang.IllegalStateException: one", Failure.describe(one));
    }

    @Test
    void refusal_withItsDetailBeside_isSaidInFull() {
        var refusal = new SecurityException("refused: see event 1");
        refusal.addSuppressed(new Exception("butler.jar is not signed"));
        assertEquals("refused  butler.jar is not signed", Failure.describe(refusal));
    }

    @Test
    void refusal_withoutAMessage_saysSo() {
        assertEquals("refused  no reason given", Failure.describe(new SecurityException()));
    }
}
