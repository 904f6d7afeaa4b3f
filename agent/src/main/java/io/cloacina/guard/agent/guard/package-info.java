/**
 * What a hook asks, answered: {@link io.cloacina.guard.agent.guard.PluginGate} turns every way in into a
 * {@link io.cloacina.guard.Load} and the decision into what the host sees.
 *
 * <p>{@link io.cloacina.guard.agent.guard.Pins} keeps the private copies,
 * {@link io.cloacina.guard.agent.guard.LoaderPackages} what a class loader that opens files itself has brought,
 * {@link io.cloacina.guard.agent.guard.Natives} native libraries and what covers them,
 * {@link io.cloacina.guard.agent.guard.Trial} the forbidden loads of the start-up check.
 *
 * <p>Runs on the application's threads, often under its class-loading locks: nothing here calls a method that the
 * application can override, loads a class through an application's loader, or waits without a limit.
 */
package io.cloacina.guard.agent.guard;
