/**
 * What a hook asks, answered: {@link io.cloacina.guard.agent.gate.PluginGate} turns every way in into a
 * {@link io.cloacina.guard.Load} and the decision into what the host sees.
 *
 * <ul>
 *   <li>{@code SnapshotStore} keeps the private copies: which file stands for which, and for how long.
 *   <li>{@code LoaderPackages} has what a class loader that opens files itself has brought, {@code PackageContents} what a
 *       verified copy holds, with {@code PlainArchive} where that is quick, {@code Origin} where a class claims to come from,
 *       {@link io.cloacina.guard.agent.format.ClassFile} what its bytes say.
 *   <li>{@code NativeLibraries} has native libraries and what covers them, {@code Elf} what they need beside them.
 *   <li>{@code AgentHooks} has agents that come while the JVM runs, {@code Callers} who is behind a class without a file.
 *   <li>{@code Environment} is what the JVM was started with, {@code ProbeLoads} the forbidden loads of the start-up check.
 * </ul>
 *
 * <p>Runs on the application's threads, often under its class-loading locks: nothing here calls a method that the
 * application can override, loads a class through an application's loader, or waits without a limit.
 */
package io.cloacina.guard.agent.gate;
