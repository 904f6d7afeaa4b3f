// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Files;
import java.nio.file.Path;

/** What commands understand by the files they are given. */
final class PackageFiles {

    private static final String SIGNATURE = ".sig";

    private PackageFiles() {}

    /** Whether it is a detached signature of what lies beside it, as {@code DIR/*} names it too. */
    static boolean isSignature(Path path) {
        Path name = path.getFileName();
        if (name == null || !name.toString().endsWith(SIGNATURE) || !Files.isRegularFile(path)) {
            return false;
        }
        String text = name.toString();
        Path signed = path.resolveSibling(text.substring(0, text.length() - SIGNATURE.length()));
        return !signed.equals(path)
                && Files.exists(signed)
                && DetachedSignature.pathFor(signed).equals(path);
    }
}
