// SPDX-License-Identifier: Apache-2.0
/** The few things of the JDK that have no public API. Their packages are exported or opened to the guard's module only. */
@NullMarked
package io.cloacina.guard.agent.jdk;

import org.jspecify.annotations.NullMarked;
