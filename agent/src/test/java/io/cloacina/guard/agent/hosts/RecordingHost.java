// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;

/** Records itself with events of its own, while it loads plugins. */
public final class RecordingHost {

    private RecordingHost() {}

    @Name("host.Attempt")
    private static final class Attempt extends Event {}

    /** {@code FILE JAR…}: where the recording goes, and what is loaded while it runs. */
    public static void main(String[] arguments) throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            for (int i = 1; i < arguments.length; i++) {
                Attempt attempt = new Attempt();
                attempt.begin();
                URL url = new File(arguments[i]).toURI().toURL();
                try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, null)) {
                    loader.loadClass("sample.Plugin");
                    System.out.println("LOADED");
                } catch (ClassNotFoundException e) {
                    System.out.println("REFUSED");
                }
                attempt.commit();
            }
            recording.stop();
            recording.dump(Path.of(arguments[0]));
        }
    }
}
