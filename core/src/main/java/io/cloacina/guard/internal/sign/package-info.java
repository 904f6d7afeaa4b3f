// SPDX-License-Identifier: Apache-2.0
/**
 * What makes signatures and changes keys and trust, behind the entry points of the library and the command line.
 */
@NullMarked
package io.cloacina.guard.internal.sign;

import org.jspecify.annotations.NullMarked;
