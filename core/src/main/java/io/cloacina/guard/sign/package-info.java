// SPDX-License-Identifier: Apache-2.0
/**
 * What signing and the management of keys answer: what was signed, what was changed, and what went wrong.
 */
@NullMarked
package io.cloacina.guard.sign;

import org.jspecify.annotations.NullMarked;
