// SPDX-License-Identifier: Apache-2.0
/**
 * Decides on one load and records the decision: {@link io.cloacina.guard.internal.decision.Guard}. A {@code Decider} makes a
 * {@code Decision}, with the help of {@code CoveredLoads} where the package has no signature of its own that counts; a
 * {@code Recorder} records it once, and only then there is an {@link io.cloacina.guard.internal.decision.Admission}.
 */
@NullMarked
package io.cloacina.guard.internal.decision;

import org.jspecify.annotations.NullMarked;
