// SPDX-License-Identifier: Apache-2.0
/** The private copies of what was verified: which copy replaces which file, for how long, and what is in them. */
@NullMarked
package io.cloacina.guard.agent.snapshot;

import org.jspecify.annotations.NullMarked;
