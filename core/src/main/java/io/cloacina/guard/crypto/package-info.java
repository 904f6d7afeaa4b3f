// SPDX-License-Identifier: Apache-2.0
/**
 * Ed25519, SHA-256, AES-256-GCM and PEM: bytes in, bytes out.
 *
 * <p>Knows no files, no SQL and no policy. Everything here is immutable or wipes itself, and is safe for use by many
 * threads. Nothing is registered JVM-wide: Ed25519 is BouncyCastle's low-level code, digests and ciphers are bound to
 * the provider the JDK had when the class was initialised, so that an application that installs providers of its own
 * changes nothing here.
 */
@NullMarked
package io.cloacina.guard.crypto;

import org.jspecify.annotations.NullMarked;
