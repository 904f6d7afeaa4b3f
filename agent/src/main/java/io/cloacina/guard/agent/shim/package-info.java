// SPDX-License-Identifier: Apache-2.0
/**
 * What the guard's libraries call in place of those parts of the JDK whose first use settles something that is the
 * application's to settle: which log manager there is, what the default time zone is, how large the common pool. They are
 * the JVM's, not the guard's, and the guard uses them before {@code main} has had its say. {@code ShimLibraries} of the
 * package {@code weave} puts the calls in when the jar is built.
 */
@NullMarked
package io.cloacina.guard.agent.shim;

import org.jspecify.annotations.NullMarked;
