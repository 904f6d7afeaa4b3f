// SPDX-License-Identifier: Apache-2.0
/**
 * The settings of the guard: their names, kinds and defaults, read once from system properties and environment.
 */
@NullMarked
package io.cloacina.guard.internal.config;

import org.jspecify.annotations.NullMarked;
