// SPDX-License-Identifier: Apache-2.0
/**
 * The nouns of the trust system, as records, and the two entry points to where they are kept: {@link TrustStore} asks,
 * {@link KeyStore} changes. Knows {@code crypto} and nothing else.
 */
package io.cloacina.guard.trust;
