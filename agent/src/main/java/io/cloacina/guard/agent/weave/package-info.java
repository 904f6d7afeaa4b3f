// SPDX-License-Identifier: Apache-2.0
/**
 * Puts calls to the bridge into JDK methods and verifies that they work.
 *
 * <p>{@link io.cloacina.guard.agent.start.Boot} makes what they call known to the boot loader,
 * {@link io.cloacina.guard.agent.weave.EntryPoint} is the table of hooks, {@link io.cloacina.guard.agent.weave.Advices}
 * has what is put in, {@link io.cloacina.guard.agent.weave.Weaver} does it: with what
 * {@link io.cloacina.guard.agent.packaging.Prepare} has prepared, else with {@code HookWeaving} and the templates that
 * {@link io.cloacina.guard.agent.weave.HookTemplateMaker} has cut out of Byte Buddy's results in the build, else, for a
 * method that these are not made for, with Byte Buddy,
 * {@link io.cloacina.guard.agent.weave.FallbackTransformer} sees what passes no Java method, and when the JVM's own
 * instruments come into use, in which {@link io.cloacina.guard.agent.instruments.Instruments} then shows the guard,
 * {@link io.cloacina.guard.agent.selftest.HookProbes} tries a forbidden load through every hook,
 * {@link io.cloacina.guard.agent.start.Installer} does all of this in order before {@code main} runs, except for the
 * self-test, which {@link io.cloacina.guard.agent.selftest.SelfTest} runs beside it.
 *
 * <p>Every class, lambda and method reference on the way to {@code main} costs the start of every JVM: plain loops
 * there, and nothing that is not needed. {@link io.cloacina.guard.agent.packaging.PackJar} is the build's last step,
 * and puts everything into the one entry that {@link io.cloacina.guard.agent.bootstrap.GuardPack} reads, the libraries
 * as {@link io.cloacina.guard.agent.packaging.ShimLibraries} changes them.
 */
@NullMarked
package io.cloacina.guard.agent.weave;

import org.jspecify.annotations.NullMarked;
