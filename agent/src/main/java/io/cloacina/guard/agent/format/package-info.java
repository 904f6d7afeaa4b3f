// SPDX-License-Identifier: Apache-2.0
/** The file formats that the guard reads by itself: class files, ELF, plain ZIP archives. No class here knows any other package of the guard. */
@NullMarked
package io.cloacina.guard.agent.format;

import org.jspecify.annotations.NullMarked;
