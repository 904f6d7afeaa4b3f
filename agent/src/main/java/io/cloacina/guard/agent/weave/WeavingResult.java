// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import java.util.List;

/**
 * A woven class.
 *
 * @param bytes the class with its hooks in
 * @param matched the rows of the table that found their method
 */
record WeavingResult(byte[] bytes, List<EntryPoint> matched) {}
