// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A private copy of a package, which is what was verified.
 *
 * @param path of the copy: what is to be loaded
 * @param verdict who has signed it, and who trusts that
 */
public record VerifiedCopy(Path path, Verdict.Verified verdict) {

    public VerifiedCopy {
        Objects.requireNonNull(path);
        Objects.requireNonNull(verdict);
    }

    /** Removes a copy that is not to be used, also one that is read-only; what cannot be removed stays. */
    static void remove(Path copy) {
        List<Path> all = new ArrayList<>();
        try {
            if (Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS)) {
                try (Stream<Path> paths = Files.walk(copy)) {
                    paths.forEach(all::add);
                }
                for (Path path : all) {
                    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                        path.toFile().setWritable(true);
                    }
                }
                Collections.reverse(all);
            } else {
                all.add(copy);
            }
            for (Path path : all) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // It is refused all the same; its path was not given to the caller.
            return;
        }
    }
}
