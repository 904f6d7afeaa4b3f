// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusListener;
import ch.qos.logback.core.status.StatusManager;
import io.cloacina.guard.internal.text.KeyText;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Logback reports of itself: the only place where an appender that failed says so, because appenders throw
 * nothing. Takes no listener, so that neither the file nor {@code -Dlogback.debug=true} of the host has it printed.
 *
 * <p>Safe for use by many threads.
 */
final class LogbackStatuses implements StatusManager {

    /** How an appender with a queue, which counts no lost event as an error, begins what it says of one. */
    private static final String DROPPED = "Dropping event";

    /** Logback repeats a value that it cannot use, which may be a password. */
    private static final Pattern VALUE = Pattern.compile("\\b(to|with) value (?:\"[^\"]*\"|\\[[^]]*])");

    private static final int MOST = 3;

    private boolean starting = true;
    private boolean broken;
    private int count;
    private @Nullable String problems;

    @Override
    public synchronized void add(Status status) {
        int level = status.getEffectiveLevel();
        boolean dropped =
                level == Status.INFO && String.valueOf(status.getMessage()).startsWith(DROPPED);
        if (level >= Status.ERROR || starting && level >= Status.WARN || dropped) {
            broken |= !dropped;
            count++;
            if (count <= MOST) {
                problems = problems == null ? text(status) : problems + "; " + text(status);
            }
        }
    }

    private static String text(Status status) {
        String text = VALUE.matcher(String.valueOf(status.getMessage())).replaceAll("$1 the given value");
        Throwable thrown = status.getThrowable();
        return KeyText.shown(thrown == null ? text : text + ": " + thrown);
    }

    /** Warnings count no longer: from now on they are of events that were written all the same. */
    synchronized void started() {
        starting = false;
    }

    /** Whether it is more than a full queue, and the appenders must be opened anew. */
    synchronized boolean isBroken() {
        return broken;
    }

    /** What went wrong since this was last asked; null if nothing. */
    synchronized @Nullable String take() {
        String taken = count > MOST ? problems + "; and " + (count - MOST) + " more" : problems;
        problems = null;
        count = 0;
        return taken;
    }

    @Override
    public List<Status> getCopyOfStatusList() {
        return List.of();
    }

    @Override
    public int getCount() {
        return 0;
    }

    @Override
    public boolean add(StatusListener listener) {
        return false;
    }

    @Override
    public void remove(StatusListener listener) {
        // There is none.
    }

    @Override
    public void clear() {
        // What went wrong stays until it is taken.
    }

    @Override
    public List<StatusListener> getCopyOfStatusListenerList() {
        return List.of();
    }
}
