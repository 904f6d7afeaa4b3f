// SPDX-License-Identifier: Apache-2.0
/**
 * A plugin host that a reader understands in five minutes: {@link io.cloacina.guard.sample.PluginHost}.
 *
 * <p>It is an ordinary program. It names no class of Cloacina Guard, asks it nothing and has no dependency on it: what
 * the guard does to it is what it does to any host. The demo beside it, which is not in its JAR, uses the library.
 */
package io.cloacina.guard.sample;
