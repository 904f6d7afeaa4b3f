// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Commands of the JVM's diagnostic bean, one of which loads agents. The bean reads the caller's arrays a second time, joins
 * the arguments with blanks, and the JVM splits them again, at blanks and {@code =} unless they are quoted
 * ({@code DCmdArgIter::next} in HotSpot's {@code diagnosticFramework.cpp}; of several lines it runs the first). So every
 * command goes on with arrays of the guard's own, and those that load an agent are built anew, so that the JVM reads in
 * them what was judged.
 */
final class DiagnosticCommands {

    private static final String LOAD_AGENT = "jvmtiAgentLoad";

    /** The JVM takes what has this behind its last dot for a Java agent, and the rest for a native one. */
    private static final String JAVA_AGENT = ".jar";

    /** The copy's name, whatever the agent is called. */
    private static final String COPY = "agent.so";

    private final Decisions decisions;

    DiagnosticCommands(Decisions decisions) {
        this.decisions = decisions;
    }

    /** @return the parameters to go on with; the caller does not have them */
    Object @Nullable [] invoking(@Nullable String name, Object @Nullable [] parameters) {
        if (parameters == null || parameters.length == 0) {
            return parameters;
        }
        Object[] own = new Object[parameters.length];
        System.arraycopy(parameters, 0, own, 0, own.length);
        if (!(own[0] instanceof String[] given)) {
            // Nor does the bean find arguments in it.
            return own;
        }
        String[] arguments = given.clone();
        own[0] = arguments;
        if (LOAD_AGENT.equals(name) && arguments.length > 0 && arguments[0] != null) {
            String path = unquoted(arguments[0]);
            arguments[0] = isJavaAgent(path) ? path : nativeAgent(path);
            quoteAll(path, arguments);
        }
        return own;
    }

    /** A Java agent is judged when the JVM appends it to the class path, as one that is attached is. */
    private static boolean isJavaAgent(String path) {
        int dot = path.lastIndexOf('.');
        return dot >= 0 && path.startsWith(JAVA_AGENT, dot);
    }

    private String nativeAgent(String path) {
        File file = new File(path);
        String absolute = file.getAbsolutePath();
        Load load = Load.ofFile(Load.Kind.AGENT, Path.of(path), Hook.DIAGNOSTIC_COMMAND.label(), null);
        Snapshot snapshot = decisions.take(load, absolute, COPY);
        return snapshot == null ? absolute : snapshot.copy().toString();
    }

    private void quoteAll(String path, String[] arguments) {
        @Nullable String[] quoted = new @Nullable String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            quoted[i] = arguments[i] == null ? null : quoted(i == 0 ? arguments[0] : unquoted(arguments[i]));
            if (arguments[i] != null && quoted[i] == null) {
                Load load = new Load(Load.Kind.AGENT, null, null, path, Hook.DIAGNOSTIC_COMMAND.label(), null);
                String error = "the JVM cannot be given an argument that has both kinds of quotes, has a line break, or"
                        + " ends in a backslash";
                decisions.refuse(load, Refusal.UNREADABLE_PACKAGE, null, error);
                return;
            }
        }
        System.arraycopy(quoted, 0, arguments, 0, quoted.length);
    }

    /** As the caller meant it, who may have quoted it for the JVM. */
    private static String unquoted(String argument) {
        int last = argument.length() - 1;
        if (last > 0 && (argument.charAt(0) == '"' || argument.charAt(0) == '\'')) {
            char quote = argument.charAt(0);
            if (argument.indexOf(quote, 1) == last) {
                return argument.substring(1, last);
            }
        }
        return argument;
    }

    /** Null if it cannot be expressed. A quote ends at the next of its kind that has no backslash before it. */
    private static @Nullable String quoted(String argument) {
        if (argument.indexOf('\n') >= 0 || argument.endsWith("\\")) {
            return null;
        }
        if (argument.indexOf('"') < 0) {
            return '"' + argument + '"';
        }
        return argument.indexOf('\'') < 0 ? '\'' + argument + '\'' : null;
    }
}
