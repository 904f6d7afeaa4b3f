// SPDX-License-Identifier: Apache-2.0
/**
 * What a verification finds: {@link io.cloacina.guard.verify.Verdict}, and {@link io.cloacina.guard.verify.Refusal} with the
 * errors by their names; and the {@code .sig} files that it reads,
 * {@link io.cloacina.guard.verify.DetachedSignature} and {@link io.cloacina.guard.verify.SignedStatement}.
 */
@NullMarked
package io.cloacina.guard.verify;

import org.jspecify.annotations.NullMarked;
