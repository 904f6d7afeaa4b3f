// SPDX-License-Identifier: Apache-2.0
/**
 * Remembers what was loaded because of a signer, has the loss of trust in it reported, and says how the guard is doing.
 * Decides nothing.
 */
@NullMarked
package io.cloacina.guard.internal.monitor;

import org.jspecify.annotations.NullMarked;
