// SPDX-License-Identifier: Apache-2.0
/**
 * {@code cloacina doctor}: what is to be mended before a JVM enforces. Changes nothing.
 *
 * <p>{@code DoctorCommand} asks the checks of this package and those that another module adds as a
 * {@link io.cloacina.guard.cli.doctor.DoctorCheck}: {@code DoctorStore} looks at the trust store, {@code AgentSettings}
 * at a JVM's configuration, {@code Exposure} at what such a configuration leaves open, {@code Permissions} at who may
 * change the guard's files.
 */
@NullMarked
package io.cloacina.guard.cli.doctor;

import org.jspecify.annotations.NullMarked;
