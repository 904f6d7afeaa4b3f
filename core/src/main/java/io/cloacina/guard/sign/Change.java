// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import java.util.Objects;

/**
 * What became of a row.
 *
 * @param row as it is now
 * @param changed false if it was so already, and nothing was written
 */
public record Change<T>(T row, boolean changed) {
    public Change {
        Objects.requireNonNull(row);
    }
}
