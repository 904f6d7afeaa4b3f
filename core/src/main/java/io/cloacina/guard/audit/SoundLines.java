// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import org.jspecify.annotations.Nullable;

/**
 * How far an audit log is sound.
 *
 * @param firstSequence of the lines that were checked up to there; 0 if there were none
 * @param lastSequence of the last line that is sound
 * @param lastHash SHA-256 of that line; null if there was none
 * @param lines how many lines are sound
 * @param processes how many processes began to write among them
 * @param tornLines how many lines a killed process left half, and another has noted
 * @param unchainedLines how many lines at the beginning are from before there was a chain; they prove nothing
 * @param checkpoints how many checkpoints confirm it
 */
public record SoundLines(
        long firstSequence,
        long lastSequence,
        @Nullable String lastHash,
        long lines,
        long processes,
        long tornLines,
        long unchainedLines,
        int checkpoints) {}
