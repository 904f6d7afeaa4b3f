// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Guard;
import java.util.function.Consumer;

/** The groups of hooks, and what they have in common. */
record Hooks(
        Decisions decisions,
        ProbeLoads probes,
        OpenedArchives archives,
        ClassPathHooks classPaths,
        ModuleHooks modules,
        Directories directories,
        ClassDefinitionHooks definitions,
        NativeLibraryHooks natives,
        AgentHooks agents,
        DiagnosticCommands commands) {

    /** @param stop ends the JVM, if the self-test does not end */
    static Hooks of(Guard guard, Environment environment, SnapshotStore snapshots, Consumer<Throwable> stop) {
        ProbeLoads probes = new ProbeLoads(snapshots.directory().resolve("trial"), stop);
        NativeLibraries libraries =
                new NativeLibraries(snapshots, environment.coveringJars(), environment.isOwnProgram());
        OpenedArchives archives = new OpenedArchives(environment, snapshots);
        ArchiveCopies copies = new ArchiveCopies(environment, snapshots);
        Decisions decisions = new Decisions(
                guard,
                snapshots,
                probes,
                new ContainedFiles(environment, archives, copies, libraries),
                environment.agents());
        AgentHooks agents = new AgentHooks(environment, decisions);
        LoaderPackages packages = new LoaderPackages(
                environment,
                snapshots,
                decisions,
                probes,
                new ContainedClasses(environment, decisions, archives, copies),
                new ReadClasses(archives));
        Directories directories = new Directories(environment, snapshots, decisions, packages);
        return new Hooks(
                decisions,
                probes,
                archives,
                new ClassPathHooks(environment, snapshots, decisions, probes, packages, directories),
                new ModuleHooks(environment, snapshots, decisions, directories),
                directories,
                new ClassDefinitionHooks(environment, decisions, probes, packages, agents),
                new NativeLibraryHooks(environment, snapshots, decisions, probes, libraries),
                agents,
                new DiagnosticCommands(decisions));
    }
}
