// SPDX-License-Identifier: Apache-2.0
/**
 * The last step of the build, and the command {@code prepare}: puts what the guard consists of into two entries of the
 * agent jar, together with the prepared classes of JDKs.
 */
package io.cloacina.guard.agent.packaging;
