// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

/**
 * A glob over the names of packages: {@code *} matches any characters, also none and also {@code :} and {@code .};
 * {@code ?} matches one; everything else matches itself. It matches whole names.
 */
final class NameGlob {

    private NameGlob() {}

    static boolean matches(String glob, String name) {
        int at = 0;
        int inName = 0;
        int star = -1;
        int retry = 0;
        while (inName < name.length()) {
            int wanted = at < glob.length() ? glob.codePointAt(at) : -1;
            int c = name.codePointAt(inName);
            if (wanted == '*') {
                star = at++;
                retry = inName;
            } else if (wanted == '?' || wanted == c) {
                at += Character.charCount(wanted);
                inName += Character.charCount(c);
            } else if (star >= 0) {
                // The last star takes one more.
                at = star + 1;
                retry += Character.charCount(name.codePointAt(retry));
                inName = retry;
            } else {
                return false;
            }
        }
        while (at < glob.length() && glob.charAt(at) == '*') {
            at++;
        }
        return at == glob.length();
    }
}
