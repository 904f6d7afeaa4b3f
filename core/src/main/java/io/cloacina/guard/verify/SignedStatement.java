// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.util.Objects;

/**
 * A detached signature, version 2: an envelope with a statement about packages, in the file
 * {@code <package file name>.sig} beside the package.
 *
 * @param envelope its payload is what was signed
 * @param statement what the payload says
 */
public record SignedStatement(DsseEnvelope envelope, PackageStatement statement) {

    public SignedStatement {
        Objects.requireNonNull(envelope);
        Objects.requireNonNull(statement);
    }

    /** @throws MalformedSignatureException if {@code content} is not exactly one detached signature of version 2 */
    public static SignedStatement parse(byte[] content) throws MalformedSignatureException {
        DsseEnvelope envelope = DsseEnvelope.parse(content, PackageStatement.PAYLOAD_TYPE);
        try {
            return new SignedStatement(envelope, PackageStatement.parse(envelope.payload()));
        } catch (MalformedSignatureException e) {
            throw new MalformedSignatureException("the payload: " + e.getMessage(), e);
        }
    }
}
