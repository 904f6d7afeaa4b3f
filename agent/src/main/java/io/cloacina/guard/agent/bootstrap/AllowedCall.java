// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

/** Marks a method or class that may use what the build's list of banned calls forbids. Is not there at run time. */
public @interface AllowedCall {
    /** Why. */
    String value();
}
