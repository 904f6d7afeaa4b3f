// SPDX-License-Identifier: Apache-2.0
/** How files are written: whole, or not at all. Knows nothing of the guard. */
@NullMarked
package io.cloacina.guard.internal.file;

import org.jspecify.annotations.NullMarked;
