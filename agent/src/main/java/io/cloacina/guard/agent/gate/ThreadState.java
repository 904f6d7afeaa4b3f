// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the current thread is opening or defining, for the hooks that the same load passes next. Empty between two
 * loads.
 */
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
    record Context(
            @Nullable Object ucp,
            boolean application,
            @Nullable String opening,
            boolean module,
            @Nullable Download download) {}

    /**
     * A root that is no local file.
     *
     * @param url as the host gave it
     * @param snapshot the copy that was opened instead; null for what is exempt
     * @param source what the archive reads from that was opened last on the way to it: the JDK opens the archive around
     *     a nested one first, then the nested one. Null until one is open
     */
    record Download(
            String url,
            @Nullable Snapshot snapshot,
            @Nullable Object source) {}

    /** The instrumented code hands this from entry to exit when there was no context before. */
    static final Object NONE = new Object();

    /** The guard itself opens archives, to look for something in them: nothing is decided on for that. */
    static final Context LOOKING = new Context(null, false, null, false, null);

    private static final ThreadLocal<ThreadState> CURRENT = new ThreadLocal<>();

    /** What is being opened; null if nothing. */
    @Nullable
    Context context;

    /** A URLClassLoader that defines a class from its own class path; null if there is none. */
    @Nullable
    ClassLoader loader;

    /** Whether the bytes come from a verified copy, and need not be compared with one. */
    boolean verified;

    /** What was read last for {@link #loader}. */
    byte @Nullable [] bytes;

    /** For which loader the class is judged that is about to be defined; see {@link #begin}. */
    @Nullable
    Object judging;

    private @Nullable Definition definition;

    /** A definition within which others may begin, where another agent defines classes while it transforms this one. */
    private static final class Definition {
        private @Nullable Object judged;
        private final @Nullable Definition outer;

        Definition(@Nullable Object judged, @Nullable Definition outer) {
            this.judged = judged;
            this.outer = outer;
        }
    }

    /**
     * The copy that a module's reader was opened on last, decided on and recorded; null where none waits for a class.
     */
    @Nullable
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

    void defines(ClassLoader definer, boolean fromCopy, byte @Nullable [] read) {
        loader = definer;
        verified = fromCopy;
        bytes = read;
    }

    void definesNothing() {
        loader = null;
        bytes = null;
    }

    /** A class is about to be defined, and was judged if {@link #judging} says so. */
    void begin() {
        definition = new Definition(judging, definition);
        judging = null;
    }

    /** The definition that was begun last is over. */
    void end() {
        if (definition != null) {
            definition = definition.outer;
        }
    }

    /** Whether the class of {@code loader} that is loaded is the one that was judged; that is one class only. */
    boolean takeJudged(Object loader) {
        if (definition == null || definition.judged != loader) {
            return false;
        }
        definition.judged = null;
        return true;
    }
}
