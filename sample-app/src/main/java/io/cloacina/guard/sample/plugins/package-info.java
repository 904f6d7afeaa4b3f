// SPDX-License-Identifier: Apache-2.0
/**
 * The plugins, each packed into a JAR of its own and none of them into the host's.
 *
 * <p>{@code butler.jar} holds the class {@code Butler}, and so on: that is the host's convention.
 */
package io.cloacina.guard.sample.plugins;
