// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.bootstrap.Handover;
import io.cloacina.guard.agent.snapshot.PackageContents;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The agents that the command line named, the guard among them. They are trusted as the command line is: with what they
 * bring along, and with what they define, append and redefine while the JVM runs. Every hook asks here.
 *
 * <p>The code that calls the JDK decides whether an agent did something; see {@link AgentFrames}. Where an agent's own
 * methods let other code have it do something, that is the agent's doing.
 */
final class StartAgents {

    private static final String OPTION = "-javaagent:";

    private final Set<Path> jars = new HashSet<>();
    private final List<Path> others = new ArrayList<>();
    private final boolean guardFirst;
    private final AgentJars contents;
    private final Set<Path> appended = ConcurrentHashMap.newKeySet();
    private final ClassLoader systemLoader = ClassLoader.getSystemClassLoader();
    private final @Nullable ClassLoader applicationLoader = Handover.applicationLoader();
    private final AgentFrames frames = new AgentFrames(this);
    // What was appended to the boot loader by anyone else.
    private final List<PackageContents> foreign = new CopyOnWriteArrayList<>();
    private volatile boolean unknownForeign;

    /**
     * @param jvmArguments as they were given
     * @throws IOException if an agent's JAR cannot be resolved
     */
    StartAgents(List<String> jvmArguments, Path ownJar) throws IOException {
        boolean first = true;
        for (String argument : jvmArguments) {
            if (argument.startsWith(OPTION)) {
                String option = argument.substring(OPTION.length());
                int options = option.indexOf('=');
                Path named = Path.of(options < 0 ? option : option.substring(0, options))
                        .toAbsolutePath();
                // The JDK opens it by its path without links.
                Path real = named.toRealPath();
                boolean own = real.equals(ownJar.toRealPath());
                first &= own || !jars.isEmpty();
                jars.add(named);
                jars.add(real);
                if (!own && !others.contains(named)) {
                    others.add(named);
                }
            }
        }
        this.guardFirst = first;
        this.contents = new AgentJars(others());
    }

    /** Whether the command line named {@code jar} (absolute), or one of the agents has appended it to a class path. */
    boolean isNamed(Path jar) {
        return jars.contains(jar) || appended.contains(jar);
    }

    /** The JARs of all but the guard, as they were named. */
    List<Path> others() {
        return List.copyOf(others);
    }

    /** What the JARs of all but the guard hold. */
    AgentJars jars() {
        return contents;
    }

    /** Whether {@code jar} is an agent's, and {@code bytes} are a class file of one; see {@link AgentJars#hold}. */
    boolean hold(Path jar, String className, byte[] bytes) {
        return isNamed(jar) && contents.hold(className, bytes);
    }

    /** Whether none of the others was at work before the guard. */
    boolean isGuardFirst() {
        return guardFirst;
    }

    /** One of the agents appends {@code jar} to a class path, which opens it later. */
    void append(Path jar) {
        appended.add(jar);
        try {
            appended.add(jar.toRealPath());
        } catch (IOException e) {
            // Not there: nothing will be read from it.
            return;
        }
    }

    /**
     * Something else has been appended to the boot loader.
     *
     * @param contents null if what it holds is not known
     */
    void appendForeign(@Nullable PackageContents contents) {
        if (contents == null) {
            unknownForeign = true;
        } else {
            foreign.add(contents);
        }
    }

    /** Whether one of the agents does what a hook asks about, or is being started on the current thread. */
    boolean areBehind() {
        return !others.isEmpty() && frames.areBehind();
    }

    /**
     * Whether {@code type} is an agent's: of its JAR, appended by it to the boot loader, or of a loader of its own
     * kind.
     */
    boolean isTheirs(Class<?> type) {
        Class<?> one = type;
        ClassLoader loader = one.getClassLoader();
        while (loader != null && loader != applicationLoader && loader != systemLoader) {
            // A code source proves nothing here: a loader gives its classes what it likes.
            one = loader.getClass();
            loader = one.getClassLoader();
        }
        return loader == null ? !one.getModule().isNamed() && !isForeign(one.getName()) : isOfNamedJar(one);
    }

    private boolean isForeign(String className) {
        if (unknownForeign) {
            return true;
        }
        try {
            for (PackageContents contents : foreign) {
                if (contents.match(className, new byte[0]) != PackageContents.Match.ABSENT) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private boolean isOfNamedJar(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        File file = location == null ? null : Origin.of(location).file();
        return file != null && isNamed(file.toPath().toAbsolutePath());
    }
}
