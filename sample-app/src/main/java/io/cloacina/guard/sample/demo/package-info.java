// SPDX-License-Identifier: Apache-2.0
/**
 * The demo, which {@code demo.sh} starts: {@link io.cloacina.guard.sample.demo.Demo}.
 *
 * <p>It does by the library what an operator does by the command line, runs the host under the guard and looks at what
 * came of it. Nothing of it is in the host's JAR, which knows nothing of the guard.
 */
package io.cloacina.guard.sample.demo;
