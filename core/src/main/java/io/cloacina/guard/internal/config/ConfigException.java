// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

/** An invalid configuration: one line for a person says what is wrong and what would be right. */
public final class ConfigException extends Exception {

    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
