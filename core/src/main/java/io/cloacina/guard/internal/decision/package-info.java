// SPDX-License-Identifier: Apache-2.0
/**
 * Decides on one load and records the decision: {@link io.cloacina.guard.internal.decision.Guard}.
 */
package io.cloacina.guard.internal.decision;
