// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Why an audit log is not complete.
 *
 * @param message for a person
 * @param file where, and so for the next two; null if it is not about a line
 * @param line the number of the line in the file, from 1
 * @param sequence that the line has or should have
 */
public record ChainFinding(
        ChainVerifier.Problem problem,
        String message,
        @Nullable Path file,
        long line,
        long sequence) {}
