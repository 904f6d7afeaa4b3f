// SPDX-License-Identifier: Apache-2.0
/**
 * What concerns this process and no subject: the version that it runs, and the one place that makes threads. Below all
 * other packages.
 */
@NullMarked
package io.cloacina.guard.internal.process;

import org.jspecify.annotations.NullMarked;
