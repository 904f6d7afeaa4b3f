// SPDX-License-Identifier: Apache-2.0
/**
 * How values are read from text and shown as text: times, JSON lines, shell words, what people and configuration give,
 * and what of that may be shown. One of each, used by all packages above.
 */
@NullMarked
package io.cloacina.guard.internal.text;

import org.jspecify.annotations.NullMarked;
