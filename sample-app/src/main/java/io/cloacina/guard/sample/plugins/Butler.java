// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.plugins;

import io.cloacina.guard.sample.Greeter;

/** The plugin that the demo signs. */
public final class Butler implements Greeter {

    @Override
    public String greet(String name) {
        return "Good day, " + name + ". Tea is served.";
    }
}
