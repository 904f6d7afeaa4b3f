// SPDX-License-Identifier: Apache-2.0
/**
 * The first stage of the start: {@link io.cloacina.guard.agent.sealing.Seal} makes the guard's two modules. In a class loader
 * of its own, of which nothing is kept.
 */
@NullMarked
package io.cloacina.guard.agent.sealing;

import org.jspecify.annotations.NullMarked;
