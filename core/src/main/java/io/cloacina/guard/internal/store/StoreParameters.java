// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a store's address, checked by name and value against what the driver knows: it leaves out in silence
 * what it does not know, and connects without what was asked for.
 */
abstract class StoreParameters {

    static final List<String> BOOLEAN = List.of("true", "false");

    private static final int LONGEST_SHOWN = 60;

    private final String text;

    /** @param text what stands behind the question mark */
    StoreParameters(String text) {
        this.text = text;
    }

    /**
     * Takes one parameter.
     *
     * @throws IllegalArgumentException if the driver does not know it, or its value
     */
    abstract void take(String given, String value);

    final void takeAll() {
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("a parameter of the store address is not name=value");
            }
            take(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
    }

    /** @throws IllegalArgumentException if the percent-encoding is broken */
    static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the store address has a broken percent-encoding");
        }
    }

    /** @param choices null for a number */
    final String require(String given, String value, @Nullable List<String> choices) {
        if (choices == null ? isNumber(value) : choices.contains(value)) {
            return value;
        }
        throw new IllegalArgumentException("the parameter [" + given + "] of the store address"
                + (isShown(value) ? " is [" + value + "], which" : " has a value that") + " is "
                + (choices == null ? "no number" : "not one of " + String.join(", ", choices)));
    }

    private static boolean isNumber(String value) {
        try {
            Integer.parseInt(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    final IllegalArgumentException unknown(String given, List<String> names) {
        return new IllegalArgumentException(
                isShown(given)
                        ? "the driver knows no parameter [" + given + "] of a store address; did you mean ["
                                + NearestName.of(given, names) + "]?"
                        : "the store address has a parameter that the driver does not know (a password with special"
                                + " characters must be percent-encoded)");
    }

    /** Whether it can be no part of a password that was not percent-encoded, nor a key. */
    private boolean isShown(String word) {
        return word.length() <= LONGEST_SHOWN
                && text.indexOf('@') < 0
                && word.matches("[A-Za-z0-9_.-]*")
                && !KeyText.isIn(word);
    }
}
