// SPDX-License-Identifier: Apache-2.0
/**
 * Is this package what a trusted key has signed?
 *
 * <p>{@link io.cloacina.guard.verify.PackageSnapshot} reads a package once, copying and hashing in one pass;
 * {@link io.cloacina.guard.verify.DetachedSignature} is the {@code .sig} file;
 * {@link io.cloacina.guard.verify.PackageVerifier} puts one question to a {@link io.cloacina.guard.trust.TrustStore} and
 * gives a {@link io.cloacina.guard.verify.Verdict}. Knows no database and no audit.
 */
package io.cloacina.guard.verify;
