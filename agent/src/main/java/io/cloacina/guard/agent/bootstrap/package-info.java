// SPDX-License-Identifier: Apache-2.0
/**
 * What instrumented JDK code calls, and the guard's class loader: defined to the boot loader, in a module of its own that only
 * the instrumented modules and the guard can see into, so that application code does not get hold of the gate, not even by
 * reflection. Made of JDK types only, without lambdas.
 *
 * <p>{@link io.cloacina.guard.agent.bootstrap.Bridge} is what instrumented code calls,
 * {@link io.cloacina.guard.agent.bootstrap.Gate} what it calls in turn,
 * {@link io.cloacina.guard.agent.bootstrap.Handover} how one comes to the other.
 *
 * <p>Objects of an application that come through here, or stand around when a hook runs, and what is not done with them:
 * threads are compared by identity and interrupted by {@code Thread}'s own method; class loaders and class paths are told apart
 * by identity and named by their class; a code source is asked for its location once; a URL is taken apart without its handler;
 * paths of foreign file systems and JARs of foreign classes are refused or not asked; properties are read before {@code main}.
 */
package io.cloacina.guard.agent.bootstrap;
