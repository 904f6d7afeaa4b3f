// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.internal.text.KeyText;

/** Which versions of signatures count. */
public enum SignatureFormat {
    /** Versions 1 and 2. */
    ANY("any"),
    /** Version 2 only, which says name, version and expiry of what is signed. */
    VERSION_2("2");

    private final String word;

    SignatureFormat(String word) {
        this.word = word;
    }

    /** The word for it in configuration. */
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException if {@code word} is neither; the message names both */
    public static SignatureFormat ofWord(String word) {
        for (SignatureFormat format : values()) {
            if (format.word.equals(word)) {
                return format;
            }
        }
        throw new IllegalArgumentException("not one of any, 2: [" + KeyText.shown(word) + "]");
    }
}
