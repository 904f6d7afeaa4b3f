// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.sign.CheckedSigner;
import io.cloacina.guard.sign.SigningException;

/** What signs in one command: a private key that is opened, or a program that has one. */
public final class OpenSigner implements AutoCloseable {

    private final CheckedSigner signer;
    private final Runnable closing;

    OpenSigner(CheckedSigner signer, Runnable closing) {
        this.signer = signer;
        this.closing = closing;
    }

    CheckedSigner signer() {
        return signer;
    }

    /** Of its key. */
    public Fingerprint fingerprint() {
        return signer.fingerprint();
    }

    /** A signature of {@code message}, 64 bytes. */
    public byte[] sign(byte[] message) throws CliException {
        try {
            return signer.sign(message);
        } catch (SigningException e) {
            throw SigningResults.why(e);
        }
    }

    @Override
    public void close() {
        closing.run();
    }
}
