// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.start;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.gate.PluginGate;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.KnownJava;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the JVM's own flags leave open that no hook can close. */
final class JvmFlags {

    private static final String[] ARCHIVES = {"-XX:SharedArchiveFile=", "-XX:AOTCache="};

    private final List<String> arguments;

    JvmFlags(List<String> arguments) {
        List<String> options = new ArrayList<>(arguments.size());
        for (String argument : arguments) {
            options.add(isOfFlagsFile(argument) ? "-XX:" + argument : argument);
        }
        this.arguments = List.copyOf(options);
    }

    /**
     * Whether an argument stands in the file that {@code -XX:Flags=} names: {@code +Name}, {@code -Name} or
     * {@code Name=value}. Options of the command line begin with a hyphen, and but for those of memory and properties
     * with a small letter behind it.
     */
    private static boolean isOfFlagsFile(String argument) {
        boolean signed = argument.startsWith("+") || argument.startsWith("-");
        return signed && !argument.startsWith("-X") && !argument.startsWith("-D")
                ? argument.length() > 1 && Character.isUpperCase(argument.charAt(1))
                : !argument.isEmpty() && !signed;
    }

    /** The last of {@code -XX:+name} and {@code -XX:-name} counts. */
    private boolean isOn(String name, boolean otherwise) {
        boolean on = otherwise;
        for (String argument : arguments) {
            if (argument.equals("-XX:+" + name)) {
                on = true;
            } else if (argument.equals("-XX:-" + name)) {
                on = false;
            }
        }
        return on;
    }

    /** Each as what it is and, if there is one, the flag to add; empty if nothing is open. */
    List<String> knownBypasses() {
        List<String> open = new ArrayList<>();
        // From 21 on the flag also holds for jcmd; before that it does not, and only the other one closes that way.
        boolean closed = isOn("DisableAttachMechanism", false)
                || Runtime.version().feature() >= 21 && !isOn("EnableDynamicAgentLoading", true);
        if (!closed) {
            open.add("native agents can be attached (jcmd JVMTI.agent_load): add "
                    + (Runtime.version().feature() >= 21
                            ? "-XX:-EnableDynamicAgentLoading"
                            : "-XX:+DisableAttachMechanism"));
        }
        String unknown = KnownJava.unknown(Runtime.version().feature());
        if (unknown != null) {
            open.add(unknown);
        }
        for (String argument : arguments) {
            if (argument.startsWith("-agentlib:jdwp") || argument.startsWith("-Xrunjdwp")) {
                open.add("a debugger can be attached: remove [" + argument + "]");
            }
        }
        return open;
    }

    /** Whether the command line names archives of classes. */
    boolean nameArchives() {
        for (String argument : arguments) {
            for (String option : ARCHIVES) {
                if (argument.startsWith(option)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Decides on the archives of classes that the command line names: what is in them no hook sees.
     *
     * @throws ConfigException if one must not be used; the JVM has it open already, so it must not go on
     */
    void admitArchives(PluginGate gate) throws ConfigException {
        for (String argument : arguments) {
            for (String option : ARCHIVES) {
                if (argument.startsWith(option)) {
                    for (String file : argument.substring(option.length()).split(java.io.File.pathSeparator, -1)) {
                        if (!file.isEmpty()) {
                            admitArchive(gate, Path.of(file));
                        }
                    }
                }
            }
        }
    }

    private static void admitArchive(PluginGate gate, Path file) throws ConfigException {
        if (!Files.exists(file)) {
            return;
        }
        try {
            gate.admitArchive(file.toAbsolutePath());
        } catch (PackageRefusedException e) {
            throw new ConfigException("the class archive of the command line did not verify: " + e.detail(), e);
        }
    }
}
