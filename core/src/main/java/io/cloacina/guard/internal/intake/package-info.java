// SPDX-License-Identifier: Apache-2.0
/**
 * What vouches for a package of another publisher before it is signed: the publisher's OpenPGP signature, the signatures in a
 * JAR, or a list of hashes.
 *
 * <p>The package and what lies beside it are taken for an attacker's; the keys, certificates and hashes that the command
 * names are not. So nothing that a signature says of itself counts unless it is signed, every byte that is checked is also
 * hashed, and only that hash is signed afterwards. Only {@code cloacina.jar} has the OpenPGP library.
 */
@NullMarked
package io.cloacina.guard.internal.intake;

import org.jspecify.annotations.NullMarked;
