// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Loads a plugin anew for every line it is given, as a host does that rescans its plugin directory. */
public final class RetryHost {

    private RetryHost() {}

    /** {@code CLASS}; each line of standard input is the path of a JAR. */
    public static void main(String[] arguments) throws Exception {
        System.out.println("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("interrupted ")) {
                Thread.currentThread().interrupt();
            }
            Path jar = Path.of(line.substring(line.indexOf('/')));
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
                Class.forName(arguments[0], true, loader);
                System.out.println("LOADED");
            } catch (ClassNotFoundException e) {
                String reason = e.getSuppressed().length == 0 ? "" : Outcome.detail(e.getSuppressed()[0]);
                System.out.println("REFUSED " + reason.replace('\n', ' '));
            }
            if (line.startsWith("interrupted ")) {
                System.out.println(Thread.interrupted() ? "STILL INTERRUPTED" : "INTERRUPT LOST");
            }
        }
    }
}
