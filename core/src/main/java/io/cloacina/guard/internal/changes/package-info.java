// SPDX-License-Identifier: Apache-2.0
/**
 * Brings every change of a store into the audit log, for the public API and for the command line alike. Knows the store
 * and the audit log.
 */
@NullMarked
package io.cloacina.guard.internal.changes;

import org.jspecify.annotations.NullMarked;
