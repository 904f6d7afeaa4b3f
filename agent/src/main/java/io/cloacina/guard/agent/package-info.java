// SPDX-License-Identifier: Apache-2.0
/**
 * Where the JVM enters: {@link io.cloacina.guard.agent.GuardAgent}, alone in the system class loader. It hands over to
 * {@code sealing}, which makes two named modules that are open to no other: {@code bootstrap} and {@code api} in the
 * boot loader, everything else in the guard's own loader. {@code start} sets the guard up: {@code weave} puts calls
 * into the JDK's entry points, {@code gate} answers them with the copies that {@code snapshot} keeps, {@code selftest}
 * tries a forbidden load through every hook. {@code jdk} has the JDK's internals, {@code format} the file formats,
 * {@code instruments} JFR and JMX, {@code shim} what libraries call instead of process-wide services, {@code packaging}
 * the last step of the build.
 */
@NullMarked
package io.cloacina.guard.agent;

import org.jspecify.annotations.NullMarked;
