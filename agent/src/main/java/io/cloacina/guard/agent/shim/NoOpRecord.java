// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

/** Replaces {@code java.util.logging.LogRecord}, and keeps nothing. */
public final class NoOpRecord {

    public NoOpRecord(NoOpLevel level, String message) {}

    public void setLoggerName(String name) {}

    public void setParameters(Object[] parameters) {}

    public void setThrown(Throwable thrown) {}
}
