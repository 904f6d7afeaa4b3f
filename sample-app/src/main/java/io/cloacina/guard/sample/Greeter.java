// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

/** What a plugin of this host can do. */
public interface Greeter {

    /** Greets someone, in one line. */
    String greet(String name);
}
