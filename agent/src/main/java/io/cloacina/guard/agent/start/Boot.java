// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.start;

import io.cloacina.guard.agent.bootstrap.AllowedCall;
import io.cloacina.guard.agent.bootstrap.Stop;
import io.cloacina.guard.agent.packaging.Prepare;
import io.cloacina.guard.internal.text.KeyText;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The first class of the guard's module: reads the agent's arguments. */
public final class Boot implements BiConsumer<Instrumentation, String> {

    /** For the command {@code prepare}; a directory follows. */
    private static final String PREPARE = "prepare:";

    /** For {@code doctor}: every hook is verified before {@code main} begins, not beside it. */
    private static final String VERIFY = "verify";

    /** To be called by name. */
    public Boot() {}

    /**
     * Returns when the guard is at work; otherwise the JVM ends. No method to be found by reflection: to link one with these
     * arguments costs a start of Java 25 ten milliseconds.
     *
     * @param arguments null or empty but for the guard's own commands
     */
    @Override
    @AllowedCall("up to Java 23 a SecurityManager may be there, and the guard acts with its own permissions")
    @SuppressWarnings("removal")
    public void accept(Instrumentation instrumentation, @Nullable String arguments) {
        // The threads that are made in it, too, have none but the guard's own permissions: not those of the class path.
        AccessController.doPrivileged(new PrivilegedAction<Void>() {
            @Override
            public Void run() {
                start(instrumentation, arguments);
                return null;
            }
        });
    }

    @AllowedCall("nothing is guarded in the JVM of prepare, so nothing may run there")
    private static void start(Instrumentation instrumentation, @Nullable String arguments) {
        Stop stop = new Stop();
        try {
            if (arguments != null && arguments.startsWith(PREPARE)) {
                Prepare.record(instrumentation, Path.of(arguments.substring(PREPARE.length())));
                Runtime.getRuntime().halt(0);
            }
            boolean verify = VERIFY.equals(arguments);
            if (arguments != null && !arguments.isEmpty() && !verify) {
                throw new IllegalArgumentException("the agent takes no arguments, not [" + KeyText.shown(arguments)
                        + "]; set system properties such as -Dcloacina.require_signatures=true");
            }
            Installer.install(instrumentation, verify, stop);
        } catch (Throwable e) {
            stop.accept(e);
        }
    }
}
