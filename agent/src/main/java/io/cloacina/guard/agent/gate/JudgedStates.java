// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Replaced packages that were judged when they were opened as data. Nothing is loaded by that, and it may happen any
 * number of times: what is still as it was judged is not recorded again. Loads are always judged and recorded.
 *
 * <p>Safe for use by many threads.
 */
final class JudgedStates {

    /** Beyond that everything is forgotten, and what is met again is judged again. */
    private static final int MOST = 1_000;

    private final ConcurrentHashMap<String, String> byPath = new ConcurrentHashMap<>();

    /** @param state changes when the file or its signature is replaced or written to */
    boolean isJudged(String path, String state) {
        return state.equals(byPath.get(path));
    }

    void judged(String path, String state) {
        if (byPath.size() >= MOST) {
            byPath.clear();
        }
        byPath.put(path, state);
    }
}
