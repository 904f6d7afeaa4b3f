// SPDX-License-Identifier: Apache-2.0
/** The start-up self-test: a forbidden load through every hook, a verification that succeeds and one that fails, and the guard's own SQLite library. Nothing is decided before it has ended. */
@NullMarked
package io.cloacina.guard.agent.selftest;

import org.jspecify.annotations.NullMarked;
