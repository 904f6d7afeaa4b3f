// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.text.JsonLine;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void json_anyText_isPrintableAscii() {
        String line = new JsonLine()
                .with("a", "ü\u007f\n\u202e\ud800\ud834\udd1e")
                .with("b", null)
                .toString();

        assertTrue(line.chars().allMatch(c -> c >= 0x20 && c < 0x7f), line);
        assertEquals("ü\u007f\n\u202e\ufffd\ud834\udd1e", Shell.json(line).get("a"));
    }
}
