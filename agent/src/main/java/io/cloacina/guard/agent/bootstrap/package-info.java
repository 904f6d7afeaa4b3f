// SPDX-License-Identifier: Apache-2.0
/**
 * What instrumented JDK code calls, and the guard's class loader: defined to the boot loader, in a module of its own
 * that only the instrumented modules and the guard can see into, so that application code does not get hold of the
 * gate, not even by reflection. Made of JDK types only, without lambdas.
 *
 * <p>{@link io.cloacina.guard.agent.bootstrap.Bridge} is what instrumented code calls,
 * {@link io.cloacina.guard.agent.bootstrap.Gate} what it calls in turn,
 * {@link io.cloacina.guard.agent.bootstrap.Handover} how one comes to the other.
 *
 * <p>Objects of an application that come through here, or stand around when a hook runs, and what is not done with
 * them: threads are compared by identity and interrupted by {@code Thread}'s own method; class loaders and class paths
 * are told apart by identity and named by their class; a code source is asked for its location once; a URL is taken
 * apart without its handler; paths of foreign file systems and JARs of foreign classes are refused or not asked;
 * properties are read before {@code main}.
 *
 * <p>Code that has a class of the guard from the stack has its loader, too, and that loads any other of the guard's
 * classes by name. It does not ask who calls: the JVM does so as often as code, for each class that is linked, and to
 * look for the caller would cost every start a walk over the stack for each class of the guard. What it hands out is
 * closed: the module opens nothing, and resources go to the guard's own classes only.
 */
@NullMarked
package io.cloacina.guard.agent.bootstrap;

import org.jspecify.annotations.NullMarked;
