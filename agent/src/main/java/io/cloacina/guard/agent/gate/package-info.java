// SPDX-License-Identifier: Apache-2.0
/**
 * What instrumented JDK code asks, answered. {@link io.cloacina.guard.agent.gate.PluginGate} hands each call on to the group of
 * hooks that it concerns; those turn it into a {@link io.cloacina.guard.internal.decision.Load} and have it decided on by {@code Decisions}, the
 * only class that asks the guard. No arrow leads back.
 *
 * <p>The hooks that one load passes, in order:
 *
 * <table>
 *   <caption>Order of hooks</caption>
 *   <tr><td>JAR on a class path</td><td>class-path-root, class-path-jar, zip-open (decides), define-resource, resource-bytes,
 *       define-class (bound to the copy), class-load</td></tr>
 *   <tr><td>directory on a class path</td><td>class-path-root, class-path-folder (decides with the first read), then as above</td></tr>
 *   <tr><td>JAR from elsewhere</td><td>class-path-root, class-path-jar, zip-open (decides), class-path-jar again (is it the
 *       archive that was opened?)</td></tr>
 *   <tr><td>loader that opens files itself</td><td>zip-open, define-class or define-class-buffer (decides, once for each loader
 *       and package; compares), class-load</td></tr>
 *   <tr><td>named module</td><td>module-jar and zip-open, or module-folder (decides), define-class-buffer (compares)</td></tr>
 *   <tr><td>native library</td><td>native-library, or foreign-library, or the hook of the JDK's own library loading
 *       (decides)</td></tr>
 *   <tr><td>class without a package</td><td>lookup-define, hidden-class, hidden-class-data, unsafe-define, define-class, or
 *       class-load alone</td></tr>
 * </table>
 *
 * <p>An archive that a host reads as a stream is seen if its bytes come from a file: {@code zip-stream} looks through the
 * JDK's streams around it, without calling them. What comes from a connection or from memory has no name by which it could
 * be found again, nor a signature beside it; its classes need signatures of their own.
 *
 * <p>Runs on the application's threads, often under its class-loading locks: nothing here calls a method that the
 * application can override on an object of its own, loads a class through an application's loader, or waits without a limit.
 */
@NullMarked
package io.cloacina.guard.agent.gate;

import org.jspecify.annotations.NullMarked;
