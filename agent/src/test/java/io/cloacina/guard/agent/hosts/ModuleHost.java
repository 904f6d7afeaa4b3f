// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;

/** A host that gives plugins a module layer each. */
public final class ModuleHost {

    private ModuleHost() {}

    /** {@code FILE MODULE CLASS}. */
    public static void main(String[] arguments) throws Exception {
        try {
            ModuleLayer boot = ModuleLayer.boot();
            Configuration configuration = boot.configuration()
                    .resolve(ModuleFinder.of(Path.of(arguments[0])), ModuleFinder.of(), Set.of(arguments[1]));
            ClassLoader loader =
                    boot.defineModulesWithOneLoader(configuration, null).findLoader(arguments[1]);
            Class.forName(arguments[2], true, loader);
            System.out.println("LOADED");
        } catch (Throwable e) {
            System.out.println("REFUSED " + e.getClass().getSimpleName() + " " + Outcome.detail(e));
        }
    }
}
