/**
 * Where the JVM enters: {@link io.cloacina.guard.agent.GuardAgent}, and the loader of everything else, which reads it
 * from the {@link io.cloacina.guard.agent.GuardPack} of the agent jar. These are loaded by the system class loader; the rest
 * of the guard is not visible to the application.
 */
package io.cloacina.guard.agent;
