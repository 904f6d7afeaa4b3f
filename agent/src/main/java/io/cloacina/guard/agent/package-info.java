/**
 * Where the JVM enters: {@link io.cloacina.guard.agent.GuardAgent}, and the loader of everything else. These two are
 * loaded by the system class loader; the rest of the guard is not visible to the application.
 */
package io.cloacina.guard.agent;
