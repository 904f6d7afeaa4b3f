// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.internal.text.KeyText;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where signatures are looked for. */
public enum SignatureSource {
    /** Both places; any one acceptable signature is enough. */
    AUTO,
    /** Only the trust store, by the package's hash. */
    DATABASE,
    /** Only the {@code .sig} file beside the package. */
    DETACHED;

    /** The word for it in configuration, on the command line and in JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if {@code word} is none of the three; the message names them */
    public static SignatureSource ofWord(String word) {
        for (SignatureSource source : values()) {
            if (source.word().equals(word)) {
                return source;
            }
        }
        throw new IllegalArgumentException("not one of "
                + Arrays.stream(values()).map(SignatureSource::word).collect(Collectors.joining(", ")) + ": ["
                + KeyText.shown(word) + "]");
    }
}
