// SPDX-License-Identifier: Apache-2.0
/** Sets the guard up before {@code main}: configuration, guard, gate, hooks, self-test; and the agent's part of {@code doctor}. */
@NullMarked
package io.cloacina.guard.agent.start;

import org.jspecify.annotations.NullMarked;
