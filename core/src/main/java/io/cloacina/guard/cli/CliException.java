// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Ends a command: a status, a word for programs, and a sentence for people. */
public final class CliException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    private CliException(int status, String code, String message, @Nullable Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.status = status;
        this.code = Objects.requireNonNull(code);
    }

    public static CliException refused(String code, String message) {
        return new CliException(ExitStatus.REFUSED, code, message, null);
    }

    static CliException usage(String message) {
        return new CliException(ExitStatus.USAGE, "usage", message, null);
    }

    /** Something that the command line names is not well-formed. */
    public static CliException askedWrongly(String code, String message, @Nullable Throwable cause) {
        return new CliException(ExitStatus.USAGE, code, message, cause);
    }

    public static CliException trouble(String code, String message, @Nullable Throwable cause) {
        return new CliException(ExitStatus.TROUBLE, code, message, cause);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    int status() {
        return status;
    }

    /** The {@code error} of the JSON object. */
    String code() {
        return code;
    }
}
