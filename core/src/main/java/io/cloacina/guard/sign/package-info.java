// SPDX-License-Identifier: Apache-2.0
/**
 * Who may sign and who is trusted: keys from creation to revocation, and the policy of what may be done to them.
 *
 * <p>{@link io.cloacina.guard.sign.KeyManager} decides and writes to a {@code trust.KeyStore}; it prints nothing, writes
 * no events and knows no exit codes, but returns and throws what is needed for all three.
 * {@link io.cloacina.guard.sign.PackageSigner} signs packages with an opened key. Knows {@code crypto}, {@code trust} and,
 * for the form of a package and of its detached signature, {@code verify}.
 */
package io.cloacina.guard.sign;
