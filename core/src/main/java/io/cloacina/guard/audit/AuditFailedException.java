package io.cloacina.guard.audit;

/** An event could not be written to a sink. */
public final class AuditFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    AuditFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
