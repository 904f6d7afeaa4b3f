// SPDX-License-Identifier: Apache-2.0
/**
 * What people and configuration give as text: which of it may be shown again, which file it names, and which word was meant.
 *
 * <p>Below all other parts: it knows the JDK alone. Safe for use by many threads.
 */
package io.cloacina.guard.input;
