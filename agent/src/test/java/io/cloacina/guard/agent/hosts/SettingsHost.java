// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.TimeZone;
import java.util.concurrent.ForkJoinPool;
import java.util.logging.LogManager;

/** Loads a plugin, and only then chooses its log manager, time zone and common pool, as a host may that reads its settings first. */
public final class SettingsHost {

    private SettingsHost() {}

    /** The host's own. */
    public static final class OwnLogManager extends LogManager {}

    /** {@code CLASS JAR}. */
    public static void main(String[] arguments) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {Path.of(arguments[1]).toUri().toURL()}, null)) {
            Outcome.print("plugin", () -> Class.forName(arguments[0], true, loader));
        }
        System.setProperty("java.util.logging.manager", OwnLogManager.class.getName());
        System.setProperty("user.timezone", "Asia/Tokyo");
        System.out.println(LogManager.getLogManager().getClass().getSimpleName());
        System.out.println(TimeZone.getDefault().getID());
        System.setProperty("java.util.concurrent.ForkJoinPool.common.parallelism", "7");
        System.out.println(ForkJoinPool.commonPool().getParallelism());
    }
}
