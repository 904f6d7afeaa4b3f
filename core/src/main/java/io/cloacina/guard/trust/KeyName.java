// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.internal.text.KeyText;

/** The rule for names of keys: 1 to 255 Unicode code points, none of them a control character, and no text of a key. */
public final class KeyName {

    /** Longest name, in Unicode code points. */
    public static final int MAX_CODE_POINTS = 255;

    private KeyName() {}

    /**
     * @return {@code name}
     * @throws IllegalArgumentException if it breaks the rule; the message says how and shows no control characters
     */
    public static String require(String name) {
        int length = name.codePointCount(0, name.length());
        if (length == 0 || length > MAX_CODE_POINTS) {
            throw new IllegalArgumentException("a key name has 1 to 255 characters, not [" + length + "]");
        }
        name.codePoints().filter(KeyName::isForbidden).findFirst().ifPresent(c -> {
            throw new IllegalArgumentException(
                    String.format(java.util.Locale.ROOT, "a key name has no control characters such as [U+%04X]", c));
        });
        if (KeyText.isIn(name)) {
            throw new IllegalArgumentException("this is no name but looks like the text of a key; if it is a secret, it"
                    + " must be considered exposed");
        }
        return name;
    }

    /** Whether {@code text} has none of the characters that no name may have. */
    public static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            if (isForbidden(text.codePointAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isForbidden(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.CONTROL
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
