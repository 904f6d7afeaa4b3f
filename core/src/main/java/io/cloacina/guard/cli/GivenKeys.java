// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.text.GivenFile;
import java.util.Set;

/** Keys that were given as text where a file, a name or a word is wanted: refused before anything can repeat them. */
final class GivenKeys {

    private static final String EXPOSED = GivenFile.KEY_GIVEN
            + " (list of processes, shell history): make a new one, put it into a file with mode 0600, and name that file";

    /** A password may look like anything. Texts for other programs or for people are not checked. */
    private static final Set<String> FREE_TEXT = Set.of("--store", "--signer-arg", "--reason");

    private GivenKeys() {}

    /**
     * Looks at a whole command line. 64 hexadecimal digits alone may be a fingerprint or a hash, so the code that
     * reads them decides whether they may be there.
     */
    static void refuse(String[] arguments) throws CliException {
        String option = "";
        for (int i = 0; i < arguments.length; i++) {
            boolean isOption = arguments[i].matches("--[a-z][a-z-]*(=(?s:.*))?");
            int equals = isOption ? arguments[i].indexOf('=') : -1;
            if (equals > 0) {
                option = arguments[i].substring(0, equals);
            }
            String value = arguments[i].substring(equals + 1);
            if (!FREE_TEXT.contains(option) && !value.matches("[0-9a-fA-F]{64}") && GivenFile.isKey(value)) {
                throw exposed(option.isEmpty() ? "argument " + (i + 1) : option);
            }
            option = isOption && equals < 0 ? arguments[i] : "";
        }
    }

    /**
     * @param what names the file, as in {@code --kek-file}; an ordinary name passes, and that of a file that is there
     */
    static void refuse(String what, String text) throws CliException {
        if (GivenFile.isKey(text)) {
            throw exposed(what);
        }
    }

    private static CliException exposed(String what) {
        return CliException.askedWrongly("key_given", what + ": " + EXPOSED, null);
    }
}
