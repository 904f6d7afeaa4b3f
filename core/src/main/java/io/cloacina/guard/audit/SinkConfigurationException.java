// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The file that configures a sink is not what it must be. The message names the file, where in it, and what. */
public final class SinkConfigurationException extends IOException {

    private static final long serialVersionUID = 1;

    SinkConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
