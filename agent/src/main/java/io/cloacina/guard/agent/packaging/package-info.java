// SPDX-License-Identifier: Apache-2.0
/**
 * The last step of the build, and the command {@code prepare}: puts what the guard consists of into two entries of the
 * agent jar, together with the changes that make prepared classes of the JDK's own
 * ({@link io.cloacina.guard.agent.format.ClassChange}). The jar has no class of the JDK.
 */
@NullMarked
package io.cloacina.guard.agent.packaging;

import org.jspecify.annotations.NullMarked;
