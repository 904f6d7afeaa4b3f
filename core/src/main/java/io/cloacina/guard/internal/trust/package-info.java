// SPDX-License-Identifier: Apache-2.0
/**
 * Where trust is kept: {@link io.cloacina.guard.internal.trust.TrustStore} asks,
 * {@link io.cloacina.guard.internal.trust.KeyStore} changes, one interface for each table. Knows no database.
 */
@NullMarked
package io.cloacina.guard.internal.trust;

import org.jspecify.annotations.NullMarked;
