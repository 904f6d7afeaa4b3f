// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.PackageNames;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.logging.Log;
import org.apache.maven.project.MavenProject;

/** Which artifacts of a project are packages: what a JVM may load, but neither sources nor documents nor tests. */
final class PackageSelection {

    private static final Set<String> NOT_LOADED = Set.of("sources", "javadoc", "tests", "test-sources", "test-javadoc");

    private static final String FORM = "EXTENSION or EXTENSION:CLASSIFIER, such as jar, jar:cli or *:linux-*";

    private final String including;
    private final List<NamePattern> includes;
    private final List<NamePattern> excludes;

    private PackageSelection(String including, List<String> includes, String excluding, List<String> excludes)
            throws MojoExecutionException {
        this.including = including;
        this.includes = NamePattern.all(including, includes, FORM, "");
        this.excludes = NamePattern.all(excluding, excludes, FORM, "");
    }

    /**
     * Of the goal {@code sign}.
     *
     * @throws MojoExecutionException if one of them is not of the form {@code EXTENSION[:CLASSIFIER]}
     */
    static PackageSelection toSign(List<String> includes, List<String> excludes) throws MojoExecutionException {
        return new PackageSelection("includes", includes, "excludes", excludes);
    }

    /** Of the goal {@code verify}, whose {@code includes} and {@code excludes} are of dependencies. */
    static PackageSelection toVerify(List<String> includes, List<String> excludes) throws MojoExecutionException {
        return new PackageSelection("artifactIncludes", includes, "artifactExcludes", excludes);
    }

    /**
     * The packages of a project, the main one first.
     *
     * @throws MojoExecutionException if the main artifact is one and is not there yet
     */
    List<ProjectPackage> of(MavenProject project, Log log) throws MojoExecutionException {
        List<Artifact> artifacts = new ArrayList<>();
        artifacts.add(project.getArtifact());
        artifacts.addAll(project.getAttachedArtifacts());
        List<ProjectPackage> packages = new ArrayList<>();
        for (Artifact artifact : artifacts) {
            if (isSelected(ProjectPackage.extension(artifact), ProjectPackage.classifier(artifact))) {
                packages.add(new ProjectPackage(artifact, file(artifact).toPath()));
            }
        }
        for (NamePattern pattern : includes) {
            if (artifacts.stream()
                    .noneMatch(artifact ->
                            pattern.matches(ProjectPackage.extension(artifact), ProjectPackage.classifier(artifact)))) {
                log.warn("<" + including + "> has [" + pattern.text()
                        + "], and no artifact of this project is called so");
            }
        }
        return packages;
    }

    private boolean isSelected(String extension, String classifier) {
        boolean included = includes.isEmpty()
                ? PackageNames.isPackage("." + extension) && !NOT_LOADED.contains(classifier)
                : includes.stream().anyMatch(pattern -> pattern.matches(extension, classifier));
        return included && excludes.stream().noneMatch(pattern -> pattern.matches(extension, classifier));
    }

    private static File file(Artifact artifact) throws MojoExecutionException {
        File file = artifact.getFile();
        if (file == null || !file.isFile()) {
            throw new MojoExecutionException("[" + artifact.getId() + "] is not packaged yet: the goals of"
                    + " cloacina-guard run in the phase package or later, as in [mvn verify]; leave out a module that"
                    + " makes no package with <skip>");
        }
        return file;
    }
}
