// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

/**
 * Makes signatures with a private key that is not in this process: in an HSM, a key management service, another program
 * (see {@link SignerCommand}).
 *
 * <p>Whoever signs with it checks each signature against the public key before anything is written.
 */
@FunctionalInterface
public interface Signer {

    /**
     * Called by several threads at once.
     *
     * @param message what the key signs as it is (pure Ed25519, RFC 8032, without a hash before it): the 32 bytes of a
     *     package's SHA-256, or of a signature of version 2 the text that contains them, of up to 256 KiB
     * @return 64 bytes
     * @throws SigningException {@code SIGNER_FAILED}, with the reason
     */
    byte[] sign(byte[] message) throws SigningException;
}
