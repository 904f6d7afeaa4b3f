// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.plugins;

import io.cloacina.guard.sample.Greeter;

/** The plugin that nobody signs. */
public final class Tourist implements Greeter {

    @Override
    public String greet(String name) {
        return "Which way to the beach, " + name + "?";
    }
}
