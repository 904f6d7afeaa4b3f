// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the agent jar can do and the command line alone cannot: put instrumented classes of JDKs into itself. */
public interface Preparation {

    /** Why a JDK cannot be prepared. */
    final class NotPreparedException extends Exception {

        private static final long serialVersionUID = 1L;

        public NotPreparedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The agent jar, which is replaced. */
    Path jar();

    /**
     * Prepares JDKs, all or none.
     *
     * @param javaHomes empty for the JDK that runs this
     * @return how many classes were instrumented, by the JDK's home
     * @throws NotPreparedException if one of them is no JDK, or is none that the hooks fit
     * @throws IOException if the jar cannot be read or replaced
     */
    Map<String, Integer> prepare(List<String> javaHomes) throws NotPreparedException, IOException, InterruptedException;
}
