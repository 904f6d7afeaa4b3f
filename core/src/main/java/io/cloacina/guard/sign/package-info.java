// SPDX-License-Identifier: Apache-2.0
/**
 * What signing and the management of keys answer: what was signed, what was changed, and what went wrong.
 */
package io.cloacina.guard.sign;
