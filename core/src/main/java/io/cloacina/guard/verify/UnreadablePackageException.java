package io.cloacina.guard.verify;

/** A package could not be read, or not be copied: missing, not a regular file, an I/O error, a full disk. */
public final class UnreadablePackageException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreadablePackageException(String message) {
        super(message);
    }

    UnreadablePackageException(String message, Throwable cause) {
        super(message, cause);
    }
}
