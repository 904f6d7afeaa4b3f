// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.plugins;

import io.cloacina.guard.sample.Greeter;

/** The plugin that a stranger signs. */
public final class Pirate implements Greeter {

    @Override
    public String greet(String name) {
        return "Hand over the gold, " + name + "!";
    }
}
