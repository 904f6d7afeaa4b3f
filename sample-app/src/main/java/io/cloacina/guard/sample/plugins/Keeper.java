// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.plugins;

import io.cloacina.guard.sample.Greeter;

/** The plugin that the demo signs and then tampers with: one letter of its greeting becomes another. */
public final class Keeper implements Greeter {

    @Override
    public String greet(String name) {
        return "Your files are fine, " + name + ".";
    }
}
