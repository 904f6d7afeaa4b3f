// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.Snapshot;

/** What the current thread is opening or defining, for the hooks that the same load passes next. Empty between two loads. */
final class ThreadState {

    /**
     * What is being opened.
     *
     * @param ucp the class path that asks; null where it is not known
     * @param application whether it is the application's own, which the scope leaves alone
     * @param opening what the next archive to be opened is the root of: a URL, or a module's path; null where none is
     * @param module whether {@code opening} is a named module's archive
     * @param download the root that is not a local file and was verified; null where there is none
     */
    record Context(Object ucp, boolean application, String opening, boolean module, Download download) {}

    /**
     * A root that is no local file.
     *
     * @param url as the host gave it
     * @param snapshot the copy that was opened instead; null for what is exempt
     * @param source what the archive reads from that was opened last on the way to it: the JDK opens the archive around a
     *     nested one first, then the nested one. Null until one is open
     */
    record Download(String url, Snapshot snapshot, Object source) {}

    /** The instrumented code hands this from entry to exit when there was no context before. */
    static final Object NONE = new Object();

    private static final ThreadLocal<ThreadState> CURRENT = new ThreadLocal<>();

    /** What is being opened; null if nothing. */
    Context context;

    /** A URLClassLoader that defines a class from its own class path; null if there is none. */
    ClassLoader loader;

    /** Whether the bytes come from a verified copy, and need not be compared with one. */
    boolean verified;

    /** What was read last for {@link #loader}. */
    byte[] bytes;

    /** For which loader a class was judged that the fallback transformer has not seen yet. */
    Object judged;

    /** The copy that a module's reader was opened on last, decided on and recorded; null where none waits for a class. */
    Snapshot module;

    private ThreadState() {}

    static ThreadState current() {
        ThreadState state = CURRENT.get();
        if (state == null) {
            state = new ThreadState();
            CURRENT.set(state);
        }
        return state;
    }

    /** @return what {@link #leave} needs */
    Object enter(Context inner) {
        Context outer = context;
        context = inner;
        return outer == null ? NONE : outer;
    }

    void leave(Object before) {
        context = before == NONE ? null : (Context) before;
    }

    void defines(ClassLoader definer, boolean fromCopy, byte[] read) {
        loader = definer;
        verified = fromCopy;
        bytes = read;
    }

    void definesNothing() {
        loader = null;
        bytes = null;
    }
}
