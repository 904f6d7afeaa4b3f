// SPDX-License-Identifier: Apache-2.0
/**
 * {@link io.cloacina.guard.internal.verify.PackageVerifier} and what it reads and copies: files and directories. Knows no
 * database.
 */
@NullMarked
package io.cloacina.guard.internal.verify;

import org.jspecify.annotations.NullMarked;
