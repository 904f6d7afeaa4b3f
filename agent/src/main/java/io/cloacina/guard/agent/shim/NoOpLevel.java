// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

/** Replaces {@code java.util.logging.Level}, which small run-time images lack. */
public final class NoOpLevel {

    public static final NoOpLevel SEVERE = new NoOpLevel();
    public static final NoOpLevel WARNING = new NoOpLevel();
    public static final NoOpLevel INFO = new NoOpLevel();
    public static final NoOpLevel FINE = new NoOpLevel();
    public static final NoOpLevel FINER = new NoOpLevel();
    public static final NoOpLevel FINEST = new NoOpLevel();

    private NoOpLevel() {}
}
