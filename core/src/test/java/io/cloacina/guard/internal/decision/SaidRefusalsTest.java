// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.verify.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SaidRefusalsTest {

    private final SaidRefusals said = new SaidRefusals();

    private void fill(Refusal reason) {
        for (int i = 0; i < SaidRefusals.MOST; i++) {
            assertEquals("refused", said.line("/plugins/" + i + ".jar", reason, "refused"));
        }
        assertTrue(said.line("/plugins/last.jar", reason, "refused").startsWith("cloacina-guard: more is refused"));
        assertNull(said.line("/plugins/unsaid.jar", reason, "refused"));
    }

    @Test
    void line_samePackageAndReason_isSaidOnce() {
        assertEquals("first", said.line("/a.jar", Refusal.SIGNATURE_NOT_FOUND, "first"));
        assertNull(said.line("/a.jar", Refusal.SIGNATURE_NOT_FOUND, "second"));
        assertEquals("third", said.line("/a.jar", Refusal.UNTRUSTED_SIGNER, "third"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Refusal.class,
            names = {"TAMPERED_PACKAGE", "INVALID_SIGNATURE"})
    void line_ofAnAttack_isSaid_whateverElseWas(Refusal alarm) {
        fill(Refusal.SIGNATURE_NOT_FOUND);
        assertNull(said.line("/a.jar", Refusal.UNTRUSTED_SIGNER, "refused"));

        assertEquals("alarm", said.line("/a.jar", alarm, "alarm"));
    }

    @Test
    void line_ofManyAttacks_hasAnEndToo() {
        fill(Refusal.TAMPERED_PACKAGE);
        assertNull(said.line("/a.jar", Refusal.INVALID_SIGNATURE, "refused"));

        assertEquals("refused", said.line("/a.jar", Refusal.SIGNATURE_NOT_FOUND, "refused"));
    }

    @Test
    void line_longMessage_isCut() {
        String message = "x".repeat(AuditLog.MAX_TEXT_LENGTH + 1);

        String line = said.line("/a.jar", Refusal.SIGNATURE_NOT_FOUND, message);

        assertEquals(AuditLog.MAX_TEXT_LENGTH + 3, line.length());
    }
}
