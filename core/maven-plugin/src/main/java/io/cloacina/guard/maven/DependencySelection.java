// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.KeyText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.logging.Log;
import org.apache.maven.project.MavenProject;

/** Which dependencies of a project are verified, also those that come with others. */
final class DependencySelection {

    /** Which scopes are on the class path of that name. */
    private static final Map<String, Set<String>> SCOPES = Map.of(
            "compile", Set.of("compile", "provided", "system"),
            "runtime", Set.of("compile", "runtime"),
            "test", Set.of("compile", "provided", "system", "runtime", "test"),
            "provided", Set.of("provided"),
            "system", Set.of("system"));

    private static final String FORM = "GROUP or GROUP:ARTIFACT, such as com.example.*:shop-*";

    private final Set<String> scopes;
    private final List<NamePattern> includes;
    private final List<NamePattern> excludes;

    /**
     * @param scope as Maven names it
     * @throws MojoExecutionException if that is none, or a pattern is not of the form {@code GROUP[:ARTIFACT]}
     */
    DependencySelection(String scope, List<String> includes, List<String> excludes) throws MojoExecutionException {
        Set<String> known = SCOPES.get(scope);
        if (known == null) {
            throw new MojoExecutionException("<scope> is [" + KeyText.shown(scope)
                    + "], which is not compile, runtime, test, provided or system");
        }
        this.scopes = known;
        this.includes = NamePattern.all("includes", includes, FORM, "*");
        this.excludes = NamePattern.all("excludes", excludes, FORM, "*");
    }

    List<ProjectPackage> of(MavenProject project, Log log) throws MojoExecutionException {
        List<ProjectPackage> selected = new ArrayList<>();
        for (Artifact artifact : project.getArtifacts()) {
            if (scopes.contains(artifact.getScope()) && isSelected(artifact)) {
                if (artifact.getFile() == null || !artifact.getFile().isFile()) {
                    throw new MojoExecutionException("the dependency [" + artifact.getId() + "] is not packaged: build"
                            + " its module together with this one, to the phase package or later");
                }
                selected.add(new ProjectPackage(artifact, artifact.getFile().toPath()));
            }
        }
        for (NamePattern pattern : includes) {
            if (selected.stream()
                    .noneMatch(one -> pattern.matches(
                            one.artifact().getGroupId(), one.artifact().getArtifactId()))) {
                log.warn("<includes> has [" + pattern.text() + "], and no dependency that is verified is called so");
            }
        }
        return selected;
    }

    private boolean isSelected(Artifact artifact) {
        String group = artifact.getGroupId();
        String name = artifact.getArtifactId();
        return !ProjectPackage.extension(artifact).equals("pom")
                && (includes.isEmpty() || includes.stream().anyMatch(pattern -> pattern.matches(group, name)))
                && excludes.stream().noneMatch(pattern -> pattern.matches(group, name));
    }
}
