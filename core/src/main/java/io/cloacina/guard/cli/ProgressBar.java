// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line on a terminal that says how far a long work is. Draws nothing if there is little to wait for.
 *
 * <p>Safe for use by many threads.
 */
final class ProgressBar implements AutoCloseable {

    /** Below this the wait is too short for a bar. */
    static final long WORTH_BYTES = 64L * 1024 * 1024;

    /** What a package takes besides its bytes: looking for it, its files, its row. */
    private static final long PACKAGE_BYTES = 256L * 1024;

    private static final int WIDTH = 40;
    private static final String ERASE = "\r\u001b[K";

    private final @Nullable PrintStream terminal;
    private final long totalBytes;
    private final int packages;
    private long doneBytes;
    private int donePackages;
    private int drawn = -1;

    /**
     * @param bytes how much there is to read; 0 if there is no terminal
     * @param packages how many there are; 0 if there is no terminal
     */
    ProgressBar(PrintStream terminal, long bytes, int packages) {
        this.totalBytes = bytes + packages * PACKAGE_BYTES;
        this.packages = packages;
        this.terminal = totalBytes >= WORTH_BYTES ? terminal : null;
    }

    synchronized void packageDone() {
        donePackages++;
        add(PACKAGE_BYTES);
    }

    synchronized void add(long bytes) {
        doneBytes += bytes;
        int percent = (int) (100 * Math.min(doneBytes, totalBytes) / Math.max(totalBytes, 1));
        if (terminal != null && percent != drawn) {
            drawn = percent;
            int full = WIDTH * percent / 100;
            terminal.print(String.format(
                    Locale.ROOT,
                    "\r[%s%s] %3d %%  %d of %d",
                    "#".repeat(full),
                    "-".repeat(WIDTH - full),
                    percent,
                    donePackages,
                    packages));
            terminal.flush();
        }
    }

    /** Clears the line for a text; the next bytes draw the bar again. */
    synchronized void hide() {
        if (terminal != null && drawn >= 0) {
            terminal.print(ERASE);
            terminal.flush();
            drawn = -1;
        }
    }

    @Override
    public void close() {
        hide();
    }
}
