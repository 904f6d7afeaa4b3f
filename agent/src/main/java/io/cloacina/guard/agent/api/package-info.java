// SPDX-License-Identifier: Apache-2.0
/**
 * What a host may see of the guard: {@link io.cloacina.guard.agent.api.PackageRefusedException}. In the boot loader and
 * exported to everyone; the only package of the guard that is.
 */
@NullMarked
package io.cloacina.guard.agent.api;

import org.jspecify.annotations.NullMarked;
