/**
 * What woven JDK code calls: defined to the boot loader, in a module of its own that only {@code java.base} and the
 * guard can see into, so that no application code, not even by reflection, gets hold of the gate. Made of JDK types only,
 * without lambdas.
 *
 * <p>{@link io.cloacina.guard.agent.bootstrap.Bridge} is what woven code calls,
 * {@link io.cloacina.guard.agent.bootstrap.Gate} what it calls in turn,
 * {@link io.cloacina.guard.agent.bootstrap.Handover} how one comes to the other.
 */
package io.cloacina.guard.agent.bootstrap;
