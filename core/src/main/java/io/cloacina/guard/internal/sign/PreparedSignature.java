// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A signature that is made and not yet in its file, so that it can be stored and recorded before it counts. Either
 * {@link #commit} or {@link #discard} must follow.
 */
public final class PreparedSignature {

    private final SignedPackage signed;
    private final @Nullable AtomicFile file;
    private final int replacedVersion;

    /**
     * @param file null if nothing is to be written: no file is wanted, or an equal one is there
     * @param replacedVersion of the signature that the file holds now, if that is another than what is written; else 0
     */
    PreparedSignature(SignedPackage signed, @Nullable AtomicFile file, int replacedVersion) {
        this.signed = Objects.requireNonNull(signed);
        this.file = file;
        this.replacedVersion = replacedVersion;
    }

    /** The version of the signature that is overwritten, if it is another than that of the new one; else 0. */
    public int replacedVersion() {
        return replacedVersion;
    }

    /** What is signed once this is committed. */
    public SignedPackage signed() {
        return signed;
    }

    /** Whether committing changes a file. */
    public boolean writes() {
        return file != null;
    }

    /** @throws SigningException {@code UNWRITABLE_SIGNATURE}; what was there before is still there */
    public SignedPackage commit() throws SigningException {
        if (file != null) {
            try {
                file.commit();
            } catch (IOException e) {
                throw new SigningException(
                        Reason.UNWRITABLE_SIGNATURE,
                        "[" + signed.signatureFile() + "] cannot be written: " + e.getMessage(),
                        e);
            }
        }
        return signed;
    }

    /** Leaves everything as it was. */
    public void discard() {
        if (file != null) {
            try {
                file.discard();
            } catch (IOException e) {
                // A temporary file is left, which the next signing in this directory removes.
                return;
            }
        }
    }
}
