// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cloacina.guard.agent.format.ClassChange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChangeMakerTest {

    private static byte[] ownClass() throws IOException {
        try (InputStream in = ChangeMakerTest.class.getResourceAsStream("ChangeMakerTest.class")) {
            return in.readAllBytes();
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void change_hasWhatIsNew_andNothingOfTheOriginal() {
        byte[] original = text("in the beginning, and a middle, and the end.");

        byte[] change = ChangeMaker.between(original, text("in the beginning, and a NEW, and the end."));

        assertEquals(
                "NEW",
                new String(change, StandardCharsets.US_ASCII).replaceAll("[^A-Z]", ""),
                () -> Arrays.toString(change));
        assertFalse(new String(change, StandardCharsets.US_ASCII).contains("and"));
    }

    @Test
    void change_ofAnyEdits_makesTheResult_andAlwaysIsTheSame() throws Exception {
        byte[] original = ownClass();
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            ByteArrayOutputStream edited = new ByteArrayOutputStream();
            for (int part = random.nextInt(8); part >= 0; part--) {
                int from = random.nextInt(original.length);
                edited.write(original, from, random.nextInt(original.length - from));
                byte[] inserted = new byte[random.nextInt(300)];
                random.nextBytes(inserted);
                edited.writeBytes(inserted);
            }
            byte[] result = edited.toByteArray();

            byte[] change = ChangeMaker.between(original, result);

            assertArrayEquals(result, ClassChange.apply(change, original));
            assertArrayEquals(change, ChangeMaker.between(original, result));
        }
    }

    @Test
    void change_toNothing_orFromNothing_makesTheResult() throws Exception {
        byte[] file = ownClass();

        assertArrayEquals(new byte[0], ClassChange.apply(ChangeMaker.between(file, new byte[0]), file));
        assertArrayEquals(file, ClassChange.apply(ChangeMaker.between(new byte[0], file), new byte[0]));
    }

    @Test
    void apply_changeThatIsCutOff_orHasMore_orIsOfALongerClass_isRefused() throws Exception {
        byte[] original = ownClass();
        byte[] edited = original.clone();
        edited[original.length / 2] ^= 1;
        byte[] change = ChangeMaker.between(original, edited);

        for (int length = 0; length < change.length; length++) {
            byte[] cutOff = Arrays.copyOf(change, length);
            assertThrows(IndexOutOfBoundsException.class, () -> ClassChange.apply(cutOff, original));
        }
        byte[] more = Arrays.copyOf(change, change.length + 1);
        assertThrows(IndexOutOfBoundsException.class, () -> ClassChange.apply(more, original));
        byte[] shorter = Arrays.copyOf(original, original.length - 1);
        assertThrows(IndexOutOfBoundsException.class, () -> ClassChange.apply(change, shorter));
    }

    /** Each is a change that would never end, reach outside, or make an array of no size. */
    @Test
    void apply_numbersThatAreNone_areRefused() {
        byte[] original = new byte[100];
        for (byte[] wrong : new byte[][] {
            {5, 0, 0},
            {5, 0, 5, 1},
            {5, 0, 6, 0},
            {5, 6, 1, 2, 3, 4, 5, 6},
            {5, 0, 5, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 15},
            {-1, -1, -1, -1, 15},
            {-1, -1, -1, -1, -1, 1}
        }) {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> ClassChange.apply(wrong, original),
                    () -> Arrays.toString(wrong));
        }
    }
}
