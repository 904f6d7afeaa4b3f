// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** Java agents that come while the JVM runs, and boot appends. */
final class AgentHooks {

    private final Environment environment;
    private final StartAgents agents;
    private final Decisions decisions;
    private final List<PackageContents> boot = new CopyOnWriteArrayList<>();
    private final List<PackageContents> startBoot = new CopyOnWriteArrayList<>();
    private volatile boolean sealed;
    // Something was let in without a copy to compare with: it is exempt.
    private volatile boolean unjudged;

    AgentHooks(Environment environment, Decisions decisions) {
        this.environment = environment;
        this.agents = environment.agents();
        this.decisions = decisions;
    }

    /**
     * A JAR that is appended to the application's class path. Throwing here makes an attach fail with nothing appended.
     * What the JVM appends to the boot loader because its manifest says so never passes a Java method, so that is
     * judged here as well.
     */
    void append(String path) {
        Path jar = Path.of(path).toAbsolutePath();
        StartPaths start = startPaths();
        if (agents.areBehind()) {
            agents.append(jar);
            recordNamed(jar, Hook.AGENT_JAR);
            return;
        }
        Snapshot snapshot = null;
        if (agents.isNamed(jar)) {
            recordNamed(jar, Hook.AGENT_JAR);
        } else {
            snapshot = take(jar, Hook.AGENT_JAR);
        }
        for (Path bootJar : bootClassPath(real(jar), snapshot == null ? jar : snapshot.copy())) {
            if (!start.boot().contains(bootJar) && bootJar.toFile().exists()) {
                keepForBoot(take(bootJar, Hook.AGENT_JAR));
            }
        }
    }

    void appendToBoot(JarFile file) {
        if (file.getClass() != JarFile.class) {
            // Its name could be another one each time it is asked for.
            Load load = new Load(Load.Kind.AGENT, null, null, file.getClass().getName(), "boot-append", null);
            String error = "only a plain java.util.jar.JarFile says for sure which file it is";
            throw decisions.refuseAlways(load, Refusal.UNREADABLE_PACKAGE, error);
        }
        Path jar = Path.of(file.getName()).toAbsolutePath();
        StartPaths start = startPaths();
        if (start.boot().contains(jar)) {
            return;
        }
        if (agents.areBehind()) {
            recordNamed(jar, Hook.BOOT_APPEND);
            startBoot.add(contents(jar, jar.toString()));
        } else {
            keepForBoot(take(jar, Hook.BOOT_APPEND));
        }
    }

    /** The command line is trusted, and so is what its agents append. */
    private void recordNamed(Path jar, Hook hook) {
        decisions.demandNamedByCommandLine(Load.ofFile(Load.Kind.AGENT, jar, hook.label(), null));
    }

    /** Called before anything is appended: what is there until then was there from the start. */
    private StartPaths startPaths() {
        StartPaths start = environment.startPaths();
        synchronized (startBoot) {
            if (!sealed) {
                for (Path jar : start.boot()) {
                    if (Files.exists(jar)) {
                        startBoot.add(contents(jar, jar.toString()));
                    }
                }
                sealed = true;
            }
        }
        return start;
    }

    private @Nullable Snapshot take(Path jar, Hook hook) {
        Load load = Load.ofFile(Load.Kind.AGENT, jar, hook.label(), null);
        // The JDK resolves links before it opens the file; the signature lies beside the link.
        return decisions.take(load, real(jar).toString());
    }

    private static Path real(Path jar) {
        try {
            return jar.toRealPath();
        } catch (IOException e) {
            // The path does not exist; it is refused for that reason.
            return jar.normalize();
        }
    }

    /** The JVM reads boot appends by itself, from the original: their classes are compared when they are loaded. */
    private void keepForBoot(@Nullable Snapshot snapshot) {
        if (snapshot == null) {
            unjudged = true;
            agents.appendForeign(null);
        } else {
            PackageContents contents = contents(snapshot.copy(), snapshot.original());
            agents.appendForeign(contents);
            boot.add(contents);
        }
    }

    private PackageContents contents(Path copy, String original) {
        try {
            return new PackageContents(copy);
        } catch (IOException e) {
            Load load = new Load(Load.Kind.AGENT, null, null, original, "boot-append", null);
            String error = "it cannot be read as a JAR: " + e.getMessage();
            throw decisions.refuseAlways(load, Refusal.UNREADABLE_PACKAGE, error);
        }
    }

    /** The entries of a manifest's {@code Boot-Class-Path} (package {@code java.lang.instrument}), resolved. */
    private List<Path> bootClassPath(Path jar, Path copy) {
        List<Path> paths = new ArrayList<>();
        try (JarFile file = new JarFile(copy.toFile())) {
            Manifest manifest = file.getManifest();
            String value = manifest == null
                    ? null
                    : manifest.getMainAttributes().getValue(new Attributes.Name("Boot-Class-Path"));
            for (String element : value == null ? new String[0] : value.trim().split(" +")) {
                String decoded = URLDecoder.decode(element.replace("+", "%2B"), StandardCharsets.UTF_8);
                paths.add(jar.resolveSibling(decoded).toAbsolutePath().normalize());
            }
        } catch (IOException | IllegalArgumentException e) {
            Load load = new Load(Load.Kind.AGENT, null, null, jar.toString(), "agent-jar", null);
            String error = "the agent's manifest cannot be read: " + e.getMessage();
            decisions.refuse(load, Refusal.UNREADABLE_PACKAGE, null, error);
        }
        return paths;
    }

    /**
     * A class of the boot loader in no named module. What was appended since the start was judged, and must be what it
     * was then. The JVM opens those JARs by itself, some time later: what it found there and is in none that were
     * judged or there from the start came by another one.
     */
    void bootClass(String name, byte[] bytes) {
        PackageContents.Match match = sealed ? matches(boot, name, bytes) : PackageContents.Match.EQUAL;
        if (match == PackageContents.Match.EQUAL) {
            return;
        }
        boolean different = match == PackageContents.Match.DIFFERENT;
        boolean complete = environment.startPaths().bootComplete() && !unjudged;
        if (different || complete && matches(startBoot, name, bytes) != PackageContents.Match.EQUAL) {
            Load load = new Load(Load.Kind.CLASS, null, null, name, "class-load", null);
            decisions.refuse(
                    load,
                    Refusal.TAMPERED_PACKAGE,
                    null,
                    "class " + name + " on the boot class path is not one that was verified");
        }
    }

    private static PackageContents.Match matches(List<PackageContents> all, String name, byte[] bytes) {
        PackageContents.Match match = PackageContents.Match.ABSENT;
        for (PackageContents contents : all) {
            try {
                switch (contents.match(name, bytes)) {
                    case EQUAL -> {
                        return PackageContents.Match.EQUAL;
                    }
                    case DIFFERENT -> match = PackageContents.Match.DIFFERENT;
                    case ABSENT -> {
                        continue;
                    }
                }
            } catch (IOException e) {
                match = PackageContents.Match.DIFFERENT;
            }
        }
        return match;
    }
}
