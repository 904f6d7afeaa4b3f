// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.jspecify.annotations.Nullable;

/** Where the signatures of dependencies are: an artifact of its own, with the coordinates of what it signs. */
final class SignatureLookup {

    /**
     * @param file null if there is none
     * @param trouble why it may be there and could not be fetched; null if it is known
     */
    record Found(@Nullable Path file, @Nullable String trouble) {}

    private final RepositorySystem repositories;
    private final MavenSession session;
    private final MavenProject project;

    SignatureLookup(RepositorySystem repositories, MavenSession session, MavenProject project) {
        this.repositories = repositories;
        this.session = session;
        this.project = project;
    }

    /** Of each package, in the same order; those that are not in the local repository are fetched side by side. */
    Map<ProjectPackage, Found> of(List<ProjectPackage> packages) {
        Map<ProjectPackage, Found> found = new LinkedHashMap<>();
        List<ArtifactRequest> requests = new ArrayList<>();
        for (ProjectPackage one : packages) {
            requests.add(new ArtifactRequest(signature(one), project.getRemoteProjectRepositories(), null));
        }
        List<ArtifactResult> results;
        try {
            results = repositories.resolveArtifacts(session.getRepositorySession(), requests);
        } catch (ArtifactResolutionException e) {
            results = e.getResults();
        }
        for (int i = 0; i < packages.size(); i++) {
            found.put(packages.get(i), found(packages.get(i), results.get(i)));
        }
        return found;
    }

    private static DefaultArtifact signature(ProjectPackage signed) {
        Artifact artifact = signed.artifact();
        return new DefaultArtifact(
                artifact.getGroupId(),
                artifact.getArtifactId(),
                signed.classifier(),
                signed.extension() + ".sig",
                artifact.getVersion());
    }

    private Found found(ProjectPackage signed, ArtifactResult result) {
        if (result.isResolved()) {
            return new Found(result.getArtifact().getFile().toPath(), null);
        }
        if (Artifact.SCOPE_SYSTEM.equals(signed.artifact().getScope())) {
            return new Found(null, null);
        }
        for (Exception failure : result.getExceptions()) {
            if (!(failure instanceof ArtifactNotFoundException)) {
                return new Found(null, "its signature could not be fetched: " + failure.getMessage());
            }
        }
        return new Found(
                null, session.isOffline() ? "its signature was not looked for, because Maven is offline" : null);
    }
}
