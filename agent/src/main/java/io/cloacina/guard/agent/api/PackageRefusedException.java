// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.api;

/**
 * The guard did not let a package load. The message says what, why, and what to do if the package is legitimate; the
 * event is already written.
 */
public final class PackageRefusedException extends SecurityException {

    private static final long serialVersionUID = 1L;

    private final String packagePath;
    private final String reason;

    /**
     * @param packagePath as events name the package
     * @param reason the {@code failure_reason} of the event, such as {@code untrusted_signer}
     */
    public PackageRefusedException(String message, String packagePath, String reason) {
        super(message);
        this.packagePath = packagePath;
        this.reason = reason;
    }

    /** The package as events name it. */
    public String packagePath() {
        return packagePath;
    }

    /** The {@code failure_reason} of the event, such as {@code untrusted_signer}. */
    public String reason() {
        return reason;
    }
}
