// SPDX-License-Identifier: Apache-2.0
/**
 * What the JVM's own instruments show of the guard: {@link io.cloacina.guard.agent.instruments.FlightEvents} gives decisions
 * to the flight recorder, {@link io.cloacina.guard.agent.instruments.BeanValues} has what the management bean says.
 *
 * <p>Nothing here is loaded, and no class of {@code jdk.jfr} or {@code java.management}, before the application uses the
 * one or the other; a run time may lack both modules. What is shown is text and numbers: nothing leads back to the guard,
 * nothing can be changed, and no secret is in it.
 */
@NullMarked
package io.cloacina.guard.agent.instruments;

import org.jspecify.annotations.NullMarked;
