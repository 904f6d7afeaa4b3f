// SPDX-License-Identifier: Apache-2.0
/**
 * What signing and the management of keys answer: what was signed, what was changed, and what went wrong. And what can sign
 * with a key that is not in this process: {@link io.cloacina.guard.sign.Signer}, such as a
 * {@link io.cloacina.guard.sign.SignerCommand}.
 */
@NullMarked
package io.cloacina.guard.sign;

import org.jspecify.annotations.NullMarked;
